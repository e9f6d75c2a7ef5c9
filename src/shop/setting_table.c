/* The table of settings: names, types, bounds, defaults, and what the settings page says about
 * each. */
#include "shop/setting.h"
#include <string.h>

#define SETTING(section_, field, type_, fallback_, min_, max_, label_, help_)                      \
    {                                                                                              \
        .key = #field, .section = SETTINGS_##section_, .type = SETTING_##type_,                    \
        .fallback = (fallback_), .min = (min_), .max = (max_), .label = (label_), .help = (help_), \
        .offset = offsetof(struct settings, field),                                                \
    }

/* Rows of a section stand together. */
/* clang-format off */
static const struct setting_info TABLE[] = {
    SETTING(SCHOOL, school_name, LINE, "Taller", 1, 80,
            N_("Name of the school"), N_("As families know it. It stands on every page and mail.")),
    SETTING(SCHOOL, slogan, LINE, NULL, 1, 160,
            N_("Promise in one line"), N_("Stands below the name on the home page.")),
    SETTING(SCHOOL, color, COLOR, NULL, 0, 0,
            N_("Colour"), N_("Buttons and links take it on. Where text would be hard to read, a "
                             "darker or lighter shade of it is used.")),
    SETTING(SCHOOL, logo, PICTURE, NULL, 0, 0,
            N_("Logo"), N_("Stands in the head of every page.")),

    SETTING(CONTACT, email, EMAIL, NULL, 0, 0,
            N_("E-mail for questions"), N_("Shown at the foot of every page.")),
    SETTING(CONTACT, phone, LINE, NULL, 6, 40,
            N_("Telephone"), N_("As people dial it, for example (01) 234 5678.")),
    SETTING(CONTACT, whatsapp, DIGITS, NULL, 8, 15,
            N_("WhatsApp"), N_("With the country code, for example +51 987 654 321.")),
    SETTING(CONTACT, address, TEXT, NULL, 1, 300,
            N_("Address"), N_("Where families find you.")),
    SETTING(CONTACT, map_url, URL, NULL, 0, 500,
            N_("Link to a map"), N_("Copy it from your map's “Share”. It begins with https://.")),

    SETTING(LEGAL, legal_name, LINE, NULL, 1, 160,
            N_("Legal name"), N_("Stands on receipts and at the foot of every page.")),
    SETTING(LEGAL, tax_number, LINE, NULL, 1, 30,
            N_("Tax number"), N_("In Peru the RUC. Stands on receipts.")),
    SETTING(LEGAL, complaints_url, URL, NULL, 0, 500,
            N_("Link to the complaints book"), N_("In Peru the law asks for one. It begins with https://.")),
    SETTING(LEGAL, cancellation, TEXT, NULL, 1, 1000,
            N_("Cancellation policy"), N_("In two lines; families read it on every workshop's page.")),

    SETTING(MAIL, mail_from, EMAIL, NULL, 0, 0,
            N_("Sender of the mails"), N_("An address that your mail server may send for. Without "
                                          "one, the account at the mail server is the sender.")),
    SETTING(MAIL, mail_reply_to, EMAIL, NULL, 0, 0,
            N_("Where answers go"), N_("Without one, answers go to the e-mail for questions.")),

    SETTING(MONEY, currency, CURRENCY, "PEN", 0, 0,
            N_("Currency"), N_("Of all prices. Amounts are not converted.")),
    SETTING(MONEY, tax_rate_bp, PERCENT, "0", 0, 10000,
            N_("Tax included in prices, in percent"), N_("For example 18. With 0, receipts say nothing about tax.")),
    SETTING(MONEY, tax_name, LINE, "IGV", 1, 30,
            N_("Name of the tax"), N_("As receipts call it: IGV, IVA …")),
    SETTING(MONEY, ask_document, FLAG, "0", 0, 0,
            N_("Ask who pays for an identity document"), N_("The number stands on the receipt.")),

    SETTING(PAYMENT, transfer_enabled, FLAG, "1", 0, 0,
            N_("Accept bank transfers and mobile wallets"), N_("You confirm each payment yourself.")),
    SETTING(PAYMENT, bank_details, TEXT, NULL, 1, 1000,
            N_("Bank account"), N_("Bank, account number, interbank number and holder. Families see "
                                   "it once they have ordered.")),
    SETTING(PAYMENT, wallet_name, LINE, NULL, 1, 40,
            N_("Mobile wallet"), N_("Such as Yape or Plin.")),
    SETTING(PAYMENT, wallet_holder, LINE, NULL, 1, 80,
            N_("Name the wallet shows"), N_("So that families see whom they pay.")),
    SETTING(PAYMENT, wallet_phone, LINE, NULL, 6, 40,
            N_("Number of the wallet"), N_("The mobile number payments are sent to.")),
    SETTING(PAYMENT, wallet_qr, PICTURE, NULL, 0, 0,
            N_("QR code of the wallet"), N_("Families point their phone at it.")),

    SETTING(SEATS, hold_minutes, INT, "30", 5, 1440,
            N_("Minutes a seat in the cart is kept"), N_("5 to 1440.")),
    SETTING(SEATS, extension_minutes, INT, "15", 5, 1440,
            N_("Minutes an extension adds"), N_("A family may extend ten times.")),
    SETTING(SEATS, transfer_hours, INT, "48", 1, 720,
            N_("Hours a family has to pay by transfer"), N_("After that the seats are free again.")),

    SETTING(ACCOUNTS, confirm_email, FLAG, "0", 0, 0,
            N_("New accounts confirm their e-mail first"), N_("They get a link by mail before they can log in.")),
    SETTING(ACCOUNTS, signups_per_address, INT, "600", 1, 100000,
            N_("Sign-ups from one network address in 10 minutes"), N_("A whole neighbourhood may share one address.")),
    SETTING(ACCOUNTS, failed_logins_per_address, INT, "100", 1, 100000,
            N_("Failed log-ins from one network address in 10 minutes"), N_("Only failed ones count.")),
    SETTING(ACCOUNTS, failed_logins_per_account, INT, "10", 1, 1000,
            N_("Failed log-ins of one account in 10 minutes"), N_("More are refused for a while.")),
    SETTING(ACCOUNTS, live_holds_per_account, INT, "12", 1, 1000,
            N_("Seats one account may hold at a time"), N_("In the cart, before paying.")),
    SETTING(ACCOUNTS, pending_transfers_per_account, INT, "3", 1, 1000,
            N_("Orders of one account that may wait for a transfer"), N_("Each keeps its seats until its deadline.")),
    SETTING(ACCOUNTS, declined_cards_per_hour, INT, "10", 1, 1000,
            N_("Declined cards of one account in an hour"), N_("More are refused for a while.")),

    SETTING(STAFF, staff_second_factor, FLAG, "0", 0, 0,
            N_("Two-step login for all staff"), N_("Besides the password, everyone who works here "
                                                        "types a code from an app on the phone.")),

    SETTING(PLACE, time_zone, ZONE, "America/Lima", 0, 0,
            N_("Time zone"), N_("Dates, hours and deadlines are those of this place.")),
    SETTING(PLACE, language, LANGUAGE, "es", 0, 0,
            N_("Language"), N_("For visitors whose browser asks for none.")),
};
/* clang-format on */

const struct setting_info *setting_table(size_t *count) {
    *count = ARRAY_COUNT(TABLE);
    return TABLE;
}

const struct setting_info *setting_find(const char *key) {
    for (size_t i = 0; i < ARRAY_COUNT(TABLE); i++)
        if (strcmp(TABLE[i].key, key) == 0)
            return &TABLE[i];
    return NULL;
}

const struct setting_info *setting_section(enum setting_section section, size_t *count) {
    size_t first = 0;
    while (TABLE[first].section != section)
        first++;
    *count = 0;
    while (first + *count < ARRAY_COUNT(TABLE) && TABLE[first + *count].section == section)
        ++*count;
    return &TABLE[first];
}
