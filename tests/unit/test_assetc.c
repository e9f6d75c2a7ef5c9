/* What the asset embedder makes of files and style sheets, and what it refuses. */
#include "tool.h"

#include "base/err.h"
#include <stdio.h>
#include <string.h>

static int embed(const char *folder, struct buf *output) {
    tool_write(folder, "boot/boot.css", "/*! Notice */\n.boot, .unused { color: red }\n");
    return TOOL_RUN(folder, output, "build/tools/assetc", "static", "boot", "gen", "words");
}

/* Embeds one style sheet and gives its bundled text. */
static struct buf bundle(const char *folder, const char *css, const char *words) {
    struct buf output = {0};
    tool_write(folder, "static/css/site.css", css);
    tool_write(folder, "words", words);
    assert_int_equal(embed(folder, &output), 0);
    assert_string_equal(buf_text(&output), "");
    buf_free(&output);
    /* gen/assets.c holds the bytes as octal escapes. */
    struct buf c = tool_read(folder, "gen/assets.c"), text = {0};
    const char *at = strstr(c.data, "identity_0[] =");
    const char *end = at ? strstr(at, ";\n") : NULL;
    assert_non_null(end);
    for (; at < end; at++)
        if (*at == '\\')
            buf_putc(&text, (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')));
    buf_free(&c);
    return text;
}

static void assert_bundle(void **state, const char *css, const char *words, const char *expected) {
    struct buf text = bundle(*state, css, words);
    assert_string_equal(buf_text(&text), expected);
    buf_free(&text);
}

static void idle_space_goes(void **state) {
    assert_bundle(state,
                  "@charset \"UTF-8\";\n/* a */ a ,  b > c + d ~ e :hover { color : red ; \n"
                  "  margin: 0 auto !important; }\n",
                  "", "a,b>c+d~e :hover{color:red;margin:0 auto!important}");
    assert_bundle(state, "@media screen and ( min-width : 48rem ) { a { b : c } }", "",
                  "@media screen and (min-width :48rem){a{b:c}}");
    assert_bundle(state, "a { width: calc( 1px + 2px ); c: rgb(1 2 3 / 4%) , d }", "",
                  "a{width:calc(1px + 2px);c:rgb(1 2 3 / 4%),d}");
    assert_bundle(state, "a::before { content: \"a  ; } \\\" b\"; }", "",
                  "a::before{content:\"a  ; } \\\" b\"}");
    assert_bundle(state, "a { --x: ; y: var(--x) }", "", "a{--x: ;y:var(--x)}");
    assert_bundle(state, "a { &:hover { b: c } d: e }", "", "a{&:hover{b:c}d:e}");
    assert_bundle(state, "@keyframes k { from { a: b } 50% { a: c } }", "",
                  "@keyframes k{from{a:b}50%{a:c}}");
    assert_bundle(state, "a {} b { /* nothing */ }", "", "");
}

static void data_addresses_stay(void **state) {
    static const char css[] = "a{b:url(\"data:image/svg+xml;utf8,<svg a='b  c'/>\");"
                              "c:url(data:image/png;base64,AA==);d:url(#e)}";
    assert_bundle(state, css, "", css);
}

static void unused_rules_go(void **state) {
    assert_bundle(state, ".used, .unused, p { a: b } .unused { c: d } .used .unused { e: f }",
                  "<p class=\"used\">", ".used,p{a:b}");
    assert_bundle(state, ".used-more { a: b } .use { a: b }", "used", "");
    assert_bundle(state, ".a:not(.b, .c) > .d:is(.e) { x: y }", "a d",
                  ".a:not(.b,.c)>.d:is(.e){x:y}");
    assert_bundle(state, "[data-theme=dark] a { x: y } [class*=\"icon-\"] { x: y }", "",
                  "[class*=\"icon-\"]{x:y}");
    assert_bundle(state, "@media print { .unused { a: b } }", "", "");
    assert_bundle(state, ".w-1\\/2 { a: b } .w-1\\/3 { a: b }", "w-1 2", "");
}

static void unused_properties_go(void **state) {
    assert_bundle(state,
                  ":root{--a:1;--b:var(--c);--c:2;--d:var(--e);--e:3;--set-by-code:4}"
                  "p{x:var(--d);y:var(--f,0)}",
                  "--set-by-code",
                  ":root{--d:var(--e);--e:3;--set-by-code:4}p{x:var(--d);y:var(--f,0)}");
}

static void imports_and_addresses_are_resolved(void **state) {
    tool_write(*state, "static/pictures/a.svg", "<svg/>");
    tool_write(*state, "static/css/part.css", "i{j:url(\"../pictures/a.svg\")}");
    struct buf text = bundle(
        *state, "@import \"boot.css\";\n@import \"part.css\";\nb{c:url( ../pictures/a.svg )}",
        "boot");
    struct buf list = tool_read(*state, "gen/assets.list");
    char address[64];
    const char *line = strstr(buf_text(&list), "pictures/a.svg ");
    assert_non_null(line);
    line += strlen("pictures/a.svg ");
    snprintf(address, sizeof(address), "%.*s", (int)strcspn(line, "\n"), line);
    assert_int_equal(strncmp(address, "/static/pictures/a.", 19), 0);
    char expected[256];
    snprintf(expected, sizeof(expected), "/*! Notice */\n.boot{color:red}i{j:url(%s)}b{c:url(%s)}",
             address, address);
    assert_string_equal(buf_text(&text), expected);
    assert_null(strstr(buf_text(&list), "css/part.css")); /* only as a part of the other */
    buf_free(&text);
    buf_free(&list);
}

/* The list's line for css/site.css. */
static void read_address(const char *folder, char *address, size_t size) {
    struct buf list = tool_read(folder, "gen/assets.list");
    snprintf(address, size, "%.*s", (int)strcspn(list.data, "\n"), list.data);
    buf_free(&list);
}

static void the_address_follows_the_content(void **state) {
    char first[96], second[96], third[96];
    struct buf text = bundle(*state, "a{b:c}", "");
    read_address(*state, first, sizeof(first));
    buf_free(&text);
    text = bundle(*state, "a{b:d}", "");
    read_address(*state, second, sizeof(second));
    buf_free(&text);
    text = bundle(*state, "a { b: c }", "");
    read_address(*state, third, sizeof(third));
    buf_free(&text);
    assert_string_not_equal(first, second);
    assert_string_equal(first, third);
}

static void faults_are_named(void **state) {
    static const struct {
        const char *css, *expected;
    } cases[] = {
        {"a{b:c", "static/css/site.css:1: a '{' without '}'\n"},
        {"a{b:c}\n}", "static/css/site.css:2: a '}' without '{'\n"},
        {"\n/* a", "static/css/site.css:2: a comment does not end\n"},
        {"a{b:\"c}", "static/css/site.css:1: a string does not end\n"},
        {"a{b:c(d}", "static/css/site.css:1: brackets do not match\n"},
        {"@import url(x.css);",
         "static/css/site.css:1: an import is written @import \"file.css\"; outside of rules\n"},
        {"@import \"none.css\";",
         "static/css/site.css: @import \"none.css\": neither beside the sheet nor in boot\n"},
        {"a{b:url(none.svg)}",
         "static/css/site.css: url(none.svg): there is no such file in static\n"},
    };
    struct buf output = {0};
    tool_write(*state, "words", "");
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        tool_write(*state, "static/css/site.css", cases[i].css);
        assert_int_equal(embed(*state, &output), 1);
        assert_string_equal(buf_text(&output), cases[i].expected);
    }
    tool_write(*state, "static/css/site.css", "");
    tool_write(*state, "static/a.exe", "x");
    assert_int_equal(embed(*state, &output), 1);
    assert_string_equal(buf_text(&output), "a.exe: assetc does not know the type of such a file\n");
    buf_free(&output);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tool_setup, tool_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(idle_space_goes),
        TEST(data_addresses_stay),
        TEST(unused_rules_go),
        TEST(unused_properties_go),
        TEST(imports_and_addresses_are_resolved),
        TEST(the_address_follows_the_content),
        TEST(faults_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
