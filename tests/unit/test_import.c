/* Files of workshops and families: what goes in, what is told by line, and that it is all or
 * nothing. */
#include "shop_fixture.h"

#include "base/buf.h"
#include "base/clock.h"
#include "shop/import.h"
#include <stdio.h>
#include <string.h>

static const struct import_options ALL = {.create_topics = true}, NO_TOPICS = {0},
                                   WITH_LINKS = {.send_links = true, .lang = LANG_ES};

static int64_t keep(struct fixture *f, int64_t who, enum import_kind kind, const char *text) {
    int64_t id;
    assert_int_equal(
        import_keep(&f->shop, who, kind, "file.csv", text, strlen(text), FIXTURE_NOW, &id), OK);
    return id;
}

static struct import_result tried(struct fixture *f, int64_t who, int64_t id) {
    struct import_result r;
    assert_int_equal(import_try(&f->shop, f->arena, id, who, FIXTURE_NOW, &r), OK);
    return r;
}

/* "2 Price; 3 -;" of the problems of a file that must not go in; and it does not. */
static void assert_problems(struct fixture *f, enum import_kind kind, const char *text,
                            const char *expected) {
    int64_t who = fixture_int(f, "SELECT coalesce(min(id), 0) FROM account");
    if (!who)
        who = fixture_account(f, "jefa@example.org");
    int64_t before = fixture_int(f, "SELECT (SELECT count(*) FROM workshop) + (SELECT count(*) FROM"
                                    " account) + (SELECT count(*) FROM student) + (SELECT count(*)"
                                    " FROM topic) + (SELECT count(*) FROM audit)");
    int64_t id = keep(f, who, kind, text);
    struct import_result r = tried(f, who, id), taken;
    struct buf seen = {0};
    for (size_t i = 0; i < r.problem_count; i++) {
        assert_non_null(r.problems[i].english);
        buf_printf(&seen, "%ld %s; ", r.problems[i].line,
                   r.problems[i].column ? r.problems[i].column : "-");
    }
    assert_string_equal(buf_text(&seen), expected);
    buf_free(&seen);
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &ALL, FIXTURE_NOW, &taken),
                     ERR_REFUSED);
    assert_int_equal(taken.problem_count, r.problem_count);
    assert_int_equal(fixture_int(f, "SELECT (SELECT count(*) FROM workshop) + (SELECT count(*) FROM"
                                    " account) + (SELECT count(*) FROM student) + (SELECT count(*)"
                                    " FROM topic) + (SELECT count(*) FROM audit)"),
                     before);
}

#define HEAD "title,topic,price"
#define FAMILY "email,first_name,last_name,child_first_name,date_of_birth"

/* ---- workshops ------------------------------------------------------------------------------ */

static void workshops_go_in_with_every_column(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org");
    int64_t topic = fixture_sql(f, "INSERT INTO topic (name) VALUES ('Robótica')");
    int64_t id = keep(f, who, IMPORT_WORKSHOPS,
                      "\xef\xbb\xbfTítulo;Tema;Precio;Precio rebajado;Fecha de inicio;fecha_de_fin;"
                      "Días;Hora de inicio;hora_de_fin;Semanas;Lugar;Nivel;Edad mínima;Edad máxima;"
                      "Cupos;En venta;Privado;Descripción;Qué traer;Dirección\r\n"
                      "Robots;ROBOTICA;180,50;150;6/4/2026;25/05/2026;lun, mié y vie;16:00;17:30;8;"
                      "Lima;Principiante;7;10;12;sí;no;\"Uno\r\n\r\nDos\";Nada;robots\r\n");
    struct import_result r = tried(f, who, id);
    assert_int_equal(r.problem_count, 0);
    assert_int_equal(r.added, 1);
    assert_null(r.ignored);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM workshop"), 0);
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &NO_TOPICS, FIXTURE_NOW, &r), OK);
    assert_int_equal(
        fixture_int(f,
                    "SELECT count(*) FROM workshop WHERE slug = 'robots' AND title = 'Robots'"
                    " AND topic_id = ?1 AND price_cents = 18050 AND discount_price_cents = 15000"
                    " AND start_date = '2026-04-06' AND end_date = '2026-05-25' AND weekdays = 21"
                    " AND start_minute = 960 AND end_minute = 1050 AND weeks = 8 AND place = 'Lima'"
                    " AND level = 1 AND min_age = 7 AND max_age = 10 AND capacity = 12"
                    " AND active = 1 AND private = 0 AND bring = 'Nada'"
                    " AND description = 'Uno' || char(10) || char(10) || 'Dos'",
                    V(topic)),
        1);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM audit WHERE entity = 'workshop'"
                                 " AND action = 'create' AND actor_id = ?1",
                                 V(who)),
                     1);
}

static void taking_it_in_twice_changes_nothing(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org");
    int64_t id = keep(f, who, IMPORT_WORKSHOPS, HEAD "\nA,T,10\nA,T,10\n");
    struct import_result r;
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &ALL, FIXTURE_NOW, &r), OK);
    assert_int_equal(r.added, 2);
    assert_false(r.already);
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &ALL, FIXTURE_NOW, &r), OK);
    assert_true(r.already);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM workshop"), 2);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'import'"), 1);
    assert_int_equal(fixture_int(f, "SELECT length(body) FROM import_file"), 0);
}

static void new_topics_are_offered(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org");
    int64_t id = keep(f, who, IMPORT_WORKSHOPS, HEAD "\nA,Música,10\nB,musica,10\nC,Arte,0\n");
    struct import_result r = tried(f, who, id);
    assert_int_equal(r.problem_count, 0);
    assert_int_equal(r.new_topic_count, 2);
    assert_string_equal(r.new_topics[0], "Música");
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &NO_TOPICS, FIXTURE_NOW, &r),
                     ERR_REFUSED);
    assert_int_equal(r.problem_count, 3);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM topic"), 0);
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &ALL, FIXTURE_NOW, &r), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM topic"), 2);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM workshop"), 3);
}

static void every_problem_of_workshops_is_told_by_line(void **state) {
    struct fixture *f = *state;
    fixture_workshop(f, "there", 100, -1);
    assert_problems(f, IMPORT_WORKSHOPS, "title,price\nA,1\n", "1 Topic; ");
    assert_problems(f, IMPORT_WORKSHOPS, "title,topic,price,título\nA,T,1,B\n", "1 Title; ");
    assert_problems(f, IMPORT_WORKSHOPS, "\n", "1 -; ");
    assert_problems(f, IMPORT_WORKSHOPS, HEAD "\n", "1 -; ");
    assert_problems(f, IMPORT_WORKSHOPS, HEAD "\n,T,1\nA,,1\nA,T,\nA,T,x\nA,T,-1\n",
                    "2 Title; 3 Topic; 4 Price; 5 Price; 6 Price; ");
    assert_problems(f, IMPORT_WORKSHOPS,
                    HEAD ",start_date,end_date\nA,T,1,31/02/2026,\nA,T,1,2026-13-01,\n"
                         "A,T,1,2026-05-02,2026-05-01\nA,T,1,1/2/26,\nA,T,1,,2026-05-01\n",
                    "2 First day; 3 First day; 4 Last day; 5 First day; 6 First day; ");
    assert_problems(f, IMPORT_WORKSHOPS,
                    HEAD ",min_age,max_age,capacity,weeks\nA,T,1,9,8,,\nA,T,1,121,,,\n"
                         "A,T,1,x,,-1,0\n",
                    "2 Oldest age; 3 Youngest age; 4 Weeks; 4 Youngest age; 4 Seats; ");
    assert_problems(f, IMPORT_WORKSHOPS, HEAD ",slug\nA,T,1,there\nA,T,1,two\nB,T,1,Two\n",
                    "2 Address; 4 Address; ");
    assert_problems(f, IMPORT_WORKSHOPS, HEAD ",discount_price\nA,T,1,2\nA,T,1000001,\n",
                    "2 Reduced price; 3 Price; ");
    assert_problems(f, IMPORT_WORKSHOPS,
                    HEAD ",weekdays,start_time,end_time,level,active\nA,T,1,lux,,,,\n"
                         "A,T,1,,25:00,,,\nA,T,1,,17:00,16:00,,\nA,T,1,,,,guru,\nA,T,1,,,,,maybe\n",
                    "2 Days of the week; 3 Begins at; 4 Ends at; 5 Level; 6 On sale; ");
    assert_problems(f, IMPORT_WORKSHOPS, HEAD "\nA,T,\"1\"2\nB,T,x\nC,T,\"1\n",
                    "2 -; 3 Price; 4 -; ");
}

/* ---- families ------------------------------------------------------------------------------- */

static void families_go_in_a_row_a_child(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org");
    int64_t id = keep(
        f, who, IMPORT_FAMILIES,
        "correo\tnombre\tapellido\tcelular\tpaís\tnombre del hijo\tapellido del hijo\t"
        "fecha de nacimiento\tcolegio\temergencia\tnotas\totra\n"
        "Luz@Example.org\tLuz\tPaz\t'+51 987654321\tpe\tHugo\t\t21/05/2017\tSol\tRosa 9\tNuez\tx\n"
        "luz@example.org\tLuz\tPaz\t\t\tInés\tRey\t2019-01-02\t\t\t\t\n");
    struct import_result r = tried(f, who, id);
    assert_int_equal(r.problem_count, 0);
    assert_int_equal(r.families, 1);
    assert_int_equal(r.added, 2);
    assert_string_equal(r.ignored, "otra");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM student"), 0);
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &ALL, FIXTURE_NOW, &r), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM account WHERE email = 'Luz@Example.org'"
                                    " AND email_key = 'luz@example.org' AND password_hash IS NULL"
                                    " AND role = 1 AND staff_role IS NULL AND country = 'PE'"
                                    " AND phone = '+51 987654321' AND first_name = 'Luz'"),
                     1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM student s JOIN account a"
                                    " ON a.id = s.parent_id WHERE a.first_name = 'Luz'"
                                    " AND ((s.first_name = 'Hugo' AND s.last_name = 'Paz'"
                                    " AND s.date_of_birth = '2017-05-21' AND s.school = 'Sol'"
                                    " AND s.emergency_contact = 'Rosa 9' AND s.notes = 'Nuez')"
                                    " OR (s.first_name = 'Inés' AND s.last_name = 'Rey'))"),
                     2);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit_value v JOIN audit a"
                                    " ON a.id = v.audit_id WHERE a.entity IN ('account', 'student')"
                                    " AND v.personal = 0"),
                     0);
}

static void links_are_sent_where_staff_ask_for_it(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org");
    int64_t id = keep(f, who, IMPORT_FAMILIES,
                      FAMILY "\na@x.org,A,B,C,2017-01-01\na@x.org,A,B,D,2018-01-01\n"
                             "b@x.org,A,B,C,2017-01-01\n");
    struct import_result r;
    (void)tried(f, who, id);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(import_take(&f->shop, f->arena, id, who, &WITH_LINKS, FIXTURE_NOW, &r), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox"), 2);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_RESET), 2);
}

static void every_problem_of_families_is_told_by_line(void **state) {
    struct fixture *f = *state;
    fixture_account(f, "ana@example.org");
    assert_problems(f, IMPORT_FAMILIES, "email,first_name\na@x.org,A\n",
                    "1 Last name; 1 Child’s first name; 1 Date of birth; ");
    assert_problems(f, IMPORT_FAMILIES,
                    FAMILY "\nnobody,A,B,C,2017-01-01\nANA@example.org,A,B,C,2017-01-01\n"
                           "b@x.org,,B,C,2017-01-01\nc@x.org,A,B,,2017-01-01\nd@x.org,A,B,C,\n",
                    "2 E-mail; 3 E-mail; 4 First name; 5 Child’s first name; 6 Date of birth; ");
    assert_problems(f, IMPORT_FAMILIES,
                    FAMILY "\na@x.org,A,B,C,2017-01-01\na@x.org,Z,B,D,2017-01-01\n"
                           "a@x.org,A,B,c,2017-01-01\na@x.org,A,B,E,2199-01-01\n",
                    "3 First name; 4 Child’s first name; 5 Date of birth; ");
    assert_problems(f, IMPORT_FAMILIES, FAMILY ",phone,country\na@x.org,A,B,C,2017-01-01,12,XX\n",
                    "2 Mobile; 2 Country; ");
}

/* ---- files ---------------------------------------------------------------------------------- */

static void a_file_belongs_to_who_brought_it(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org"), other = fixture_account(f, "o@x.org");
    int64_t id = keep(f, who, IMPORT_WORKSHOPS, HEAD "\nA,T,1\n");
    struct import_result r;
    assert_int_equal(import_try(&f->shop, f->arena, id, other, FIXTURE_NOW, &r), ERR_NOT_FOUND);
    assert_int_equal(import_take(&f->shop, f->arena, id, other, &ALL, FIXTURE_NOW, &r),
                     ERR_NOT_FOUND);
    assert_int_equal(import_keep(&f->shop, who, IMPORT_WORKSHOPS, "x", "", 0, FIXTURE_NOW, &id),
                     ERR_INVALID);
    assert_int_equal(import_keep(&f->shop, who, IMPORT_WORKSHOPS, "x", "a\0b", 3, FIXTURE_NOW, &id),
                     ERR_INVALID);
}

static struct buf many(enum import_kind kind, int rows) {
    struct buf text = {0};
    buf_puts(&text, kind == IMPORT_WORKSHOPS ? HEAD ",start_date,capacity,description\n"
                                             : FAMILY ",phone\n");
    for (int i = 0; i < rows; i++)
        if (kind == IMPORT_WORKSHOPS)
            buf_printf(&text, "Taller %d,Tema %d,180,2026-04-06,12,Algo que decir\n", i, i % 20);
        else
            buf_printf(&text, "f%d@example.org,Ana,Torres,Niña %d,2017-05-21,987654321\n", i / 2,
                       i);
    return text;
}

static void ten_thousand_rows_take_seconds(void **state) {
    struct fixture *f = *state;
    int64_t who = fixture_account(f, "jefa@example.org");
    for (int kind = 0; kind < IMPORT_KINDS; kind++) {
        struct buf text = many((enum import_kind)kind, IMPORT_ROWS_MAX);
        struct import_result r;
        int64_t id = keep(f, who, (enum import_kind)kind, buf_text(&text));
        int64_t start = clock_monotonic_us();
        assert_int_equal(import_take(&f->shop, f->arena, id, who, &ALL, FIXTURE_NOW, &r), OK);
        print_message("# %s: %.2f s\n", import_kind_name((enum import_kind)kind),
                      (double)(clock_monotonic_us() - start) / 1e6);
        assert_int_equal(r.added, IMPORT_ROWS_MAX);
        assert_in_range(clock_monotonic_us() - start, 0, 60000000);
        buf_free(&text);
    }
    struct buf text = many(IMPORT_WORKSHOPS, IMPORT_ROWS_MAX + 1);
    struct import_result r = tried(f, who, keep(f, who, IMPORT_WORKSHOPS, buf_text(&text)));
    assert_int_equal(r.problem_count, 1);
    assert_int_equal(r.problems[0].line, IMPORT_ROWS_MAX + 2);
    buf_free(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(workshops_go_in_with_every_column),
        TEST(taking_it_in_twice_changes_nothing),
        TEST(new_topics_are_offered),
        TEST(every_problem_of_workshops_is_told_by_line),
        TEST(families_go_in_a_row_a_child),
        TEST(links_are_sent_where_staff_ask_for_it),
        TEST(every_problem_of_families_is_told_by_line),
        TEST(a_file_belongs_to_who_brought_it),
        TEST(ten_thousand_rows_take_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
