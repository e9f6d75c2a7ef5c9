/* What the view compiler refuses, and where it says the fault is. */
#include "tool.h"

#include "base/err.h"
#include <stdio.h>
#include <string.h>

/* Compiles views/case.html in the folder; what viewc says goes to *output. */
static int compile(const char *folder, const char *template, struct buf *output) {
    tool_write(folder, "views/case.html", template);
    tool_write(folder, "assets.list", "css/site.css /static/css/site.0123456789.css\n");
    return TOOL_RUN(folder, output, "build/tools/viewc", "views", "assets.list", "gen");
}

struct refusal {
    const char *body; /* from the second line on */
    const char *message;
};

static void assert_refused(void **state, const struct refusal *refusals, size_t count) {
    struct buf output = {0}, template = {0}, expected = {0};
    for (size_t i = 0; i < count; i++) {
        buf_reset(&template);
        buf_reset(&expected);
        buf_printf(&template, "{%% view case(const struct x *v) include \"x.h\" %%}\n%s\n",
                   refusals[i].body);
        buf_printf(&expected, "views/case.html:%s\n", refusals[i].message);
        assert_int_equal(compile(*state, buf_text(&template), &output), 1);
        assert_string_equal(buf_text(&output), buf_text(&expected));
    }
    buf_free(&output);
    buf_free(&template);
    buf_free(&expected);
}

static void values_in_unsafe_places_are_refused(void **state) {
    static const struct refusal refusals[] = {
        {"<script>let a = {{ v->a }};</script>",
         "2: text inside <script> is refused by the content security policy"},
        {"<script>{{ v->a }}</script>", "2: a value inside <script> cannot be made safe"},
        {"\n<p onclick=\"{{ v->a }}\">",
         "3: the attribute onclick is refused by the content security policy"},
        {"<p onLoad=\"{{ v->a }}\">", "2: 'L' in an attribute's name"},
        {"<svg><g onLoad=\"{{ v->a }}\"></g></svg>",
         "2: the attribute onLoad is refused by the content security policy"},
        {"<p style=\"color: {{ v->a }}\">",
         "2: the attribute style is refused by the content security policy"},
        {"<iframe srcdoc=\"x\"></iframe>",
         "2: the attribute srcdoc is refused by the content security policy"},
        {"<style>p {}</style>", "2: text inside <style> is refused by the content security policy"},
        {"<p class={{ v->a }}>", "2: an unquoted value: write class=\"{{ … }}\""},
        {"<p class='{{ v->a }}'>", "2: the value of class is not in double quotes"},
        {"<p\n{{ v->a }}=\"1\">",
         "3: a value in place of an attribute's name: use {{? … }} or {% if … %}"},
        {"<p data-{{ v->a }}=\"1\">",
         "2: a value in place of an attribute's name: use {{? … }} or {% if … %}"},
        {"<h{{ v->n }}>", "2: a value in a tag's name"},
        {"<{{ v->a }}>", "2: a '<' that begins no tag: write &lt;"},
        {"<p></{{ v->a }}>", "2: a value in a tag's name"},
        {"<!-- {{ v->a }} -->", "2: a value in an HTML comment"},
        {"<!doctype {{ v->a }}>", "2: a value in a declaration"},
        {"<p {% call f(o) %}>", "2: {% call %} belongs between elements, not inside a tag"},
        {"<p title=\"{% raw v->a %}\">", "2: {% raw %} belongs between elements, not inside a tag"},
    };
    assert_refused(state, refusals, ARRAY_COUNT(refusals));
}

static void urls_that_could_run_code_are_refused(void **state) {
    static const struct refusal refusals[] = {
        {"<a href=\"javascript:x()\">", "2: URLs of the scheme javascript: are not used here"},
        {"<a href=\"java{{ v->a }}\">",
         "2: the value could complete a scheme: put a literal '/', '?' or '#' before it"},
        {"<a href=\"{{ v->a }}{{ v->b }}\">",
         "2: two values at the start of a URL: put a literal '/', '?' or '#' between them"},
        {"<a href=\"{{ v->a }}:x\">", "2: a ':' may not follow a value at the start of a URL"},
        {"<svg><a xlink:hRef=\"javascript:x\"></a></svg>",
         "2: URLs of the scheme javascript: are not used here"},
        {"<a href=\"{{ v->a | money }}\">",
         "2: a filter cannot make a whole URL: begin it with a literal '/'"},
        {"<a href=\"{{_ \"Home\" }}\">", "2: a message at the start of a URL"},
        {"<img srcset=\"{{ v->a }} 2x\">", "2: a URL in srcset begins with a literal '/'"},
        {"<img srcset=\"/a 1x, {{ v->a }} 2x\">", "2: a URL in srcset begins with a literal '/'"},
        {"<img srcset=\"/a {{ v->a }}w,{{ v->a }} 2x\">",
         "2: a URL in srcset begins with a literal '/'"},
        {"<a href=\"{% if v->a %}/{% end %}{{ v->b }}\">",
         "2: the branches before this value end in different parts of the URL"},
        {"<a href=\"/a{% for (;;) %}?{{ v->b }}{% end %}\">",
         "2: the loop ends in another part of the URL than it begins"},
    };
    assert_refused(state, refusals, ARRAY_COUNT(refusals));
}

static void elements_must_nest(void **state) {
    static const struct refusal refusals[] = {
        {"<div>\n<p></div>", "3: </div> where <p> of line 3 is still open"},
        {"<ul>\n<li></li>\n", "5: <ul> of line 2 is not closed"},
        {"</p>", "2: </p> closes nothing"},
        {"<br></br>", "2: <br> has no end tag"},
        {"<div/>", "2: <div/> does not close itself in HTML"},
        {"{% if v->a %}\n<p>\n{% end %}</p>", "4: <p> of line 3 is not open in every branch"},
        {"{% if v->a %}<p>{% else %}\n<b>{% end %}",
         "3: <b> of line 3 is not open in every branch"},
        {"<p {% if v->a %}>{% end %}",
         "2: the branches end in different places (text, tag or attribute)"},
        {"<p {% if v->a %}id=\"a{% else %}class=\"a{% end %}\">",
         "2: the branches end in different places (text, tag or attribute)"},
        {"<p class=\"a\"id=\"b\">", "2: white space is missing before an attribute"},
        {"<p {% if v->a %}hidden{% end %}id=\"b\">",
         "2: white space is missing before an attribute"},
        {"<p", "3: the file ends inside a tag or a comment"},
        {"<P>", "2: 'P' in a tag's name"},
        {"a < b", "2: a '<' that begins no tag: write &lt;"},
    };
    assert_refused(state, refusals, ARRAY_COUNT(refusals));
}

static void directives_must_fit(void **state) {
    static const struct refusal refusals[] = {
        {"\n{% if v->a %}", "3: this block has no {% end %}"},
        {"{% end %}", "2: {% end %} without {% if %} or {% for %}"},
        {"{% else %}", "2: {% else %} without {% if %} or {% for %}"},
        {"{% for (;;) %}{% else %}{% end %}", "2: {% else %} does not belong here"},
        {"{% if a %}{% else %}{% elif b %}{% end %}", "2: {% elif %} does not belong here"},
        {"{% if %}{% end %}", "2: {% if %} is incomplete"},
        {"{% if a %}{% end if %}", "2: {% end %} stands alone"},
        {"{% while (1) %}", "2: {% while %} is not known"},
        {"{% if a", "2: no %} ends what begins here"},
        {"{{ a }", "2: no }} ends what begins here"},
        {"{{ }}", "2: an empty value"},
        {"{{ a; b }}", "2: a ';' in a value"},
        {"{{ a | b c }}",
         "2: \"b c\" is not the name of a filter (a bitwise '|' goes into parentheses)"},
        {"{{ a | 4 }}",
         "2: \"4\" is not the name of a filter (a bitwise '|' goes into parentheses)"},
        {"{{ a | f() }}", "2: a filter without arguments has no ()"},
        {"{{ a | f(b }}", "2: the filter's arguments do not end with its ')'"},
        {"{{asset \"css/none.css\"}}", "2: there is no assets/static/css/none.css"},
        {"{{asset css}}", "2: a name in quotes is expected here, and nothing else"},
        {"{{? v->a }}", "2: {{? condition \"text if true\" }} ends with a literal"},
        {"{{? \"a\" }}", "2: {{? … }} without a condition"},
        {"<p {{? v->a \"class=\\\"a\" }}>",
         "2: the branches end in different places (text, tag or attribute)"},
        {"{{? v->a \"<p>\" }}", "2: <p> of line 2 is not open in every branch"},
    };
    assert_refused(state, refusals, ARRAY_COUNT(refusals));
}

static void messages_must_be_whole(void **state) {
    static const struct refusal refusals[] = {
        {"{{_ hello }}",
         "2: a message is a literal: {{_ \"text\" }}, {{n_ \"one\" \"many\" n=… }}"},
        {"{{n_ \"one\" n=1 }}",
         "2: a message is a literal: {{_ \"text\" }}, {{n_ \"one\" \"many\" n=… }}"},
        {"{{_ \"\" }}", "2: an empty message"},
        {"\n\n{{_ \"Hello, {name}\" }}", "4: {name} in the message has no value"},
        {"{{_ \"Hello\" name=v->a }}", "2: the value name is not in the message"},
        {"{{_ \"Hello, {Name}\" }}", "2: a '{' in a message begins a {name}"},
        {"{{_ \"Hello, {\" }}", "2: a '{' in a message begins a {name}"},
        {"{{_ \"<b>Hello</b>\" }}", "2: markup inside a message: put messages around it"},
        {"{{_ \"Hello\" v->a }}", "2: after the message only name=value follows, not \"v->a\""},
        {"{{_ \"Open\" ctx=shop }}", "2: ctx=\"…\" is a literal"},
        {"{{n_ \"{n} seat\" \"{n} seats\" }}", "2: {n} in the message has no value"},
        {"{{n_ \"one seat\" \"more seats\" }}", "2: a plural needs its count: n=…"},
        {"{{n_ \"a\" \"{n} b\" n=1 }}\n{{n_ \"a\" \"{n} c\" n=1 }}",
         "3: \"a\" has another plural at views/case.html:2"},
    };
    assert_refused(state, refusals, ARRAY_COUNT(refusals));
}

static void the_first_line_names_the_view(void **state) {
    static const struct {
        const char *template, *expected;
    } cases[] = {
        {"<p></p>", "1: a template begins with {% view case(parameters) include \"…\" %}"},
        {"{% view other(void) %}", "1: the view of this file is called case, not other"},
        {"{% view case %}", "1: parameters in () are missing"},
        {"{% view case(int a %}", "1: the parameters do not end with ')'"},
        {"{% view case(void) inklude \"a.h\" %}",
         "1: \"inklude \"a.h\"\": include \"…\", unbalanced or mail is expected here"},
        {"{% view case(void) include a.h %}", "1: include is followed by \"a/header.h\""},
    };
    struct buf output = {0}, expected = {0};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        buf_reset(&expected);
        buf_printf(&expected, "views/case.html:%s\n", cases[i].expected);
        assert_int_equal(compile(*state, cases[i].template, &output), 1);
        assert_string_equal(buf_text(&output), buf_text(&expected));
    }
    buf_free(&output);
    buf_free(&expected);
}

static void file_names_are_checked(void **state) {
    struct buf output = {0};
    tool_write(*state, "views/Some.html", "");
    assert_int_equal(compile(*state, "{% view case(void) %}", &output), 1);
    assert_string_equal(buf_text(&output), "views/Some.html: a template's name holds lower-case "
                                           "letters, digits and '_'\n");
    buf_free(&output);
}

static void templates_are_utf8(void **state) {
    struct buf output = {0};
    assert_int_equal(compile(*state, "{% view case(void) %}\n\xff", &output), 1);
    assert_string_equal(buf_text(&output), "views/case.html: is not valid UTF-8 without NUL\n");
    buf_free(&output);
}

/* A fault that only the C compiler sees is reported for the template's own line. */
static void c_faults_point_at_the_template(void **state) {
    static const char *const bodies[] = {
        "<p>\n{{ v->misspelt }}</p>",
        "<p>\n{% if v->misspelt %}a{% end %}</p>",
        "<p>\n{{_ \"{a}\" a=v->misspelt }}</p>",
        "<p>\n{{? v->misspelt \"a\" }}</p>",
        "<p>\n{{ v->yes }}</p>", /* a bool is no value */
        "<p>\n{% let int unused = 1 %}</p>",
    };
    tool_write(*state, "x.h", "#include <stdbool.h>\nstruct x { bool yes; };\n");
    tool_write(*state, "site/filters.h", "");
    struct buf output = {0}, template = {0};
    for (size_t i = 0; i < ARRAY_COUNT(bodies); i++) {
        buf_reset(&template);
        buf_printf(&template, "{%% view case(const struct x *v) include \"x.h\" %%}\n%s\n",
                   bodies[i]);
        assert_int_equal(compile(*state, buf_text(&template), &output), 0);
        char include[512];
        assert_int_equal(TOOL_RUN(NULL, &output, "pwd"), 0);
        snprintf(include, sizeof(include), "-I%.*s/src", (int)(output.len - 1), output.data);
        assert_int_not_equal(TOOL_RUN(*state, &output, "cc", "-std=gnu11", "-Wall", "-Werror",
                                      "-I.", include, "-fsyntax-only", "gen/views/case.c"),
                             0);
        assert_non_null(strstr(buf_text(&output), "views/case.html:3:"));
    }
    buf_free(&output);
    buf_free(&template);
}

static void assets_stand_in_the_text(void **state) {
    struct buf output = {0};
    assert_int_equal(compile(*state,
                             "{% view case(void) %}\n<link href=\"{{asset \"css/site.css\"}}\">",
                             &output),
                     0);
    struct buf c = tool_read(*state, "gen/views/case.c");
    assert_non_null(
        strstr(buf_text(&c), "\"<link href=\\\"/static/css/site.0123456789.css\\\">\""));
    buf_free(&c);
    buf_free(&output);
}

static void messages_are_collected(void **state) {
    struct buf output = {0};
    assert_int_equal(
        compile(*state,
                "{% view case(int n) %}\n{{_ \"B \\\"q\\\"\" }}\n{{_ \"A\" ctx=\"c\" }}"
                "{{n_ \"{n} x\" \"{n} xs\" n=n }}\n{{_ \"B \\\"q\\\"\" }}",
                &output),
        0);
    struct buf pot = tool_read(*state, "gen/views.pot");
    const char *body = strstr(buf_text(&pot), "\n\n");
    assert_non_null(body);
    assert_string_equal(body, "\n\n#: views/case.html:2 views/case.html:4\nmsgid \"B \\\"q\\\"\"\n"
                              "msgstr \"\"\n\n#: views/case.html:3\nmsgctxt \"c\"\nmsgid \"A\"\n"
                              "msgstr \"\"\n\n#: views/case.html:3\nmsgid \"{n} x\"\n"
                              "msgid_plural \"{n} xs\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n");
    buf_free(&pot);
    buf_free(&output);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tool_setup, tool_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(values_in_unsafe_places_are_refused),
        TEST(urls_that_could_run_code_are_refused),
        TEST(elements_must_nest),
        TEST(directives_must_fit),
        TEST(messages_must_be_whole),
        TEST(the_first_line_names_the_view),
        TEST(file_names_are_checked),
        TEST(templates_are_utf8),
        TEST(c_faults_point_at_the_template),
        TEST(assets_stand_in_the_text),
        TEST(messages_are_collected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
