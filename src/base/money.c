/* Printing and reading amounts. */
#include "base/money.h"
#include <ctype.h>
#include <string.h>

static const struct {
    const char *code, *symbol;
} CURRENCIES[] = {
    {"PEN", "S/"}, {"USD", "US$"}, {"EUR", "€"},   {"MXN", "$"}, {"COP", "$"},   {"ARS", "$"},
    {"BOB", "Bs"}, {"BRL", "R$"},  {"UYU", "$"},   {"GTQ", "Q"}, {"CRC", "₡"},   {"DOP", "RD$"},
    {"HNL", "L"},  {"NIO", "C$"},  {"PAB", "B/."}, {"GBP", "£"}, {"CAD", "CA$"}, {"CHF", "CHF"},
};

static const char *find_symbol(const char *code) {
    for (size_t i = 0; i < ARRAY_COUNT(CURRENCIES); i++)
        if (strcmp(CURRENCIES[i].code, code) == 0)
            return CURRENCIES[i].symbol;
    return NULL;
}

bool money_currency_known(const char *code) {
    return find_symbol(code) != NULL;
}

size_t money_currency_count(void) {
    return ARRAY_COUNT(CURRENCIES);
}

const char *money_currency(size_t index) {
    return CURRENCIES[index].code;
}

const char *money_symbol(const char *currency) {
    const char *symbol = find_symbol(currency);
    return symbol ? symbol : currency;
}

static void put_units(struct buf *out, uint64_t units, bool grouped) {
    if (units >= 1000 && grouped) {
        put_units(out, units / 1000, true);
        buf_printf(out, ",%03u", (unsigned)(units % 1000));
    } else {
        buf_put_int(out, (long long)units); /* less than INT64_MAX / 100 */
    }
}

static void put_amount(struct buf *out, int64_t cents, bool grouped) {
    uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    put_units(out, size / 100, grouped);
    buf_putc(out, '.');
    buf_put_two(out, (int)(size % 100));
}

void money_print(struct buf *out, int64_t cents, const char *currency) {
    if (cents < 0)
        buf_puts(out, "−");
    buf_puts(out, money_symbol(currency));
    buf_putc(out, ' ');
    put_amount(out, cents, true);
}

void money_print_plain(struct buf *out, int64_t cents) {
    if (cents < 0)
        buf_putc(out, '-');
    put_amount(out, cents, false);
}

/* The decimal separator is the last '.' or ',' when one or two digits follow it. */
static const char *decimal_separator(const char *number) {
    const char *last = NULL;
    for (const char *p = number; *p; p++)
        if (*p == '.' || *p == ',')
            last = p;
    size_t behind = last ? strspn(last + 1, "0123456789") : 0;
    return last && (behind == 1 || behind == 2) && last[1 + behind] == '\0' ? last : NULL;
}

/* Reads digits with thousands marked by `.` or `,` in groups of three, up to `end`. */
static bool parse_units(const char *text, const char *end, int64_t *units) {
    int in_group = 0, groups = 0;
    *units = 0;
    for (const char *p = text; p < end; p++) {
        if (isdigit((unsigned char)*p)) {
            *units = *units * 10 + (*p - '0');
            in_group++;
            if (*units > MONEY_MAX_CENTS)
                return false;
        } else if (*p == '.' || *p == ',') {
            if (groups == 0 ? in_group < 1 || in_group > 3 : in_group != 3)
                return false;
            groups++;
            in_group = 0;
        } else {
            return false;
        }
    }
    return in_group > 0 && (groups == 0 || in_group == 3);
}

bool money_parse(const char *text, int64_t *cents) {
    const char *number = text + strcspn(text, "0123456789");
    char prefix[16] = "";
    size_t prefix_length = (size_t)(number - text);
    if (!*number || prefix_length >= sizeof(prefix))
        return false;
    memcpy(prefix, text, prefix_length);
    for (char *p = prefix; *p; p++)
        if (*p == '-' || *p == '+')
            return false;
    while (prefix_length && prefix[prefix_length - 1] == ' ')
        prefix[--prefix_length] = '\0';
    bool symbol = prefix[0] == '\0' || strcmp(prefix, "\u00a0") == 0;
    for (size_t i = 0; !symbol && i < ARRAY_COUNT(CURRENCIES); i++)
        symbol = strcmp(prefix, CURRENCIES[i].symbol) == 0;
    if (!symbol)
        return false;
    const char *separator = decimal_separator(number), *end = number + strlen(number);
    int64_t units, rest = 0;
    if (!parse_units(number, separator ? separator : end, &units))
        return false;
    if (separator) {
        rest = 10 * (int64_t)(separator[1] - '0');
        if (separator[2])
            rest += separator[2] - '0';
    }
    *cents = units * 100 + rest;
    return *cents <= MONEY_MAX_CENTS;
}
