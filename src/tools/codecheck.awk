# The rules of the house that no compiler knows.
#
# usage: awk -f src/tools/codecheck.awk FILE...    (prints what is wrong, status 1)
#
#   - SQL stands in *_sql.c, in declared lists (*_listing.c), in the engines of lists and records, in db/
#   - a file opens with a comment that says what lives in it, and ends before line 600
#   - includes are written from src, not relative

function wrong(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why
    bad = 1
}

function finish() {
    if (lines > 600)
        printf "%s:%d: longer than 600 lines\n", file, lines
    if (lines > 600)
        bad = 1
}

FNR == 1 {
    finish()
    file = FILENAME
    if ($0 !~ /^\/[*\/]/)
        wrong("the file does not open with a comment")
}
{ lines = FNR }

/"(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|DROP|ALTER|PRAGMA|SAVEPOINT) [^"]/ {
    if (FILENAME !~ /(_sql|_listing)[.]c$/ && FILENAME !~ /^src\/(db\/|shop\/(listing|record|migrations)[.]c$)/)
        wrong("SQL where none belongs")
}
/^[ \t]*#[ \t]*include[ \t]+"[.][.]?\// { wrong("an include relative to the file") }

END {
    finish()
    exit bad
}
