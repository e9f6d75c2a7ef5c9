/* The sandbox card: a gateway for trying the shop, which moves no money and knows only the test
 * numbers below. It exists in demonstration schools and nowhere else. The number is looked at here,
 * copied nowhere but to this stack, wiped, never stored and never logged. */
#include "base/date.h"
#include "base/secret.h"
#include "shop/payment_provider.h"
#include "shop/setting.h"
#include <string.h>

enum { DIGITS_MIN = 12, DIGITS_MAX = 19, DIGITS_SIZE = DIGITS_MAX + 1, DAY = 24 * 60 * 60 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The digits of a number typed with spaces or dashes; false for anything else, or a length that no
 * card has (ISO/IEC 7812-1). */
static bool read_digits(const char *typed, char digits[DIGITS_SIZE]) {
    size_t count = 0;
    for (; *typed; typed++) {
        if (*typed == ' ' || *typed == '-')
            continue;
        if (!is_digit(*typed) || count == DIGITS_MAX)
            return false;
        digits[count++] = *typed;
    }
    digits[count] = '\0';
    return count >= DIGITS_MIN;
}

/* ISO/IEC 7812-1, annex B: the check digit of Luhn. */
static bool luhn_holds(const char *digits) {
    int sum = 0;
    size_t count = strlen(digits);
    for (size_t i = 0; i < count; i++) {
        int digit = digits[count - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

static bool number_is_good(const char *typed) {
    char digits[DIGITS_SIZE];
    bool good = typed && read_digits(typed, digits) && luhn_holds(digits);
    secret_wipe(digits, sizeof(digits));
    return good;
}

/* One to four digits and nothing else; -1 for any other text. */
static int small_number(const char *typed) {
    int number = 0;
    size_t count = typed ? strlen(typed) : 0;
    if (count < 1 || count > 4)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(typed[i]))
            return -1;
        number = number * 10 + (typed[i] - '0');
    }
    return number;
}

/* A card is good to the end of its month. */
static bool expiry_is_good(const struct payment_card *card, int64_t now) {
    int month = small_number(card->month), year = small_number(card->year);
    if (month < 1 || month > 12 || year < 0)
        return false;
    size_t year_digits = strlen(card->year);
    if (year_digits == 2)
        year += 2000;
    else if (year_digits != 4)
        return false;
    struct date today = date_from_days(now / DAY);
    return year * 12 + month >= today.year * 12 + today.month && year <= today.year + 20;
}

static bool cvv_is_good(const char *typed) {
    return small_number(typed) >= 0 && strlen(typed) >= 3;
}

static unsigned check(const struct payment_card *card, int64_t now) {
    if (!card)
        return PAYMENT_CARD_NUMBER | PAYMENT_CARD_EXPIRY | PAYMENT_CARD_CVV;
    unsigned faults = 0;
    if (!number_is_good(card->number))
        faults |= PAYMENT_CARD_NUMBER;
    if (!expiry_is_good(card, now))
        faults |= PAYMENT_CARD_EXPIRY;
    if (!cvv_is_good(card->cvv))
        faults |= PAYMENT_CARD_CVV;
    return faults;
}

/* As gateways do in their test mode, every other number is declined: a real card is no test. */
static enum payment_outcome charge(const struct payment_charge *wanted) {
    static const struct {
        const char *digits;
        enum payment_outcome first, later; /* `later`: after an undecided try of the same order */
    } numbers[] = {
        {"4242424242424242", PAYMENT_SUCCEEDED, PAYMENT_SUCCEEDED},
        {"4000000000000002", PAYMENT_DECLINED, PAYMENT_DECLINED},
        {"4000000000009995", PAYMENT_NO_FUNDS, PAYMENT_NO_FUNDS},
        {"4000000000000341", PAYMENT_UNKNOWN, PAYMENT_SUCCEEDED},
    };
    char digits[DIGITS_SIZE];
    enum payment_outcome outcome = PAYMENT_DECLINED;
    if (read_digits(wanted->card->number, digits))
        for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
            if (strcmp(digits, numbers[i].digits) == 0)
                outcome = wanted->failed_before ? numbers[i].later : numbers[i].first;
    secret_wipe(digits, sizeof(digits));
    return outcome;
}

/* A charge whose answer got lost never happened: the sandbox books nothing. */
static enum payment_outcome lookup(const char *reference) {
    (void)reference;
    return PAYMENT_FAILED;
}

static bool is_offered(const struct settings *settings) {
    return settings->demo;
}

const struct payment_provider payment_card = {
    .name = "card",
    .flow = PAYMENT_CHARGE,
    .offered = is_offered,
    .check = check,
    .charge = charge,
    .lookup = lookup,
};
