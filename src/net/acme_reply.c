/* cJSON to structs. */
#include "net/acme_reply.h"
#include "net/url.h"
#include <cJSON.h>
#include <ctype.h>
#include <string.h>

const char *const acme_kind_names[ACME_KINDS] = {
    [ACME_HTTP_01] = "http-01", [ACME_TLS_ALPN_01] = "tls-alpn-01"};

static const char *text_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Copies what is printable and leaves out the rest; cut at the end of `to`. */
static void copy_printable(char *to, size_t size, const char *text) {
    size_t length = 0;
    for (; text && *text && length + 1 < size; text++)
        if (isprint((unsigned char)*text))
            to[length++] = *text;
    to[length] = '\0';
}

/* An address the server wants us to use: whole, or not at all. */
static bool copy_url(char to[ACME_URL_SIZE], const char *text) {
    struct url url;
    if (!text || strlen(text) >= ACME_URL_SIZE || url_parse(&url, text) != OK)
        return false;
    memcpy(to, text, strlen(text) + 1);
    return true;
}

static bool copy_token(char to[ACME_TOKEN_SIZE], const char *text) {
    size_t length = text ? strlen(text) : 0;
    if (length < 1 || length >= ACME_TOKEN_SIZE)
        return false;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return false;
    memcpy(to, text, length + 1);
    return true;
}

static bool read_status(const cJSON *object, enum acme_status *status) {
    static const struct {
        const char *name;
        enum acme_status status;
    } known[] = {{"pending", ACME_PENDING},       {"ready", ACME_READY},
                 {"processing", ACME_PROCESSING}, {"valid", ACME_VALID},
                 {"invalid", ACME_INVALID},       {"deactivated", ACME_INVALID},
                 {"expired", ACME_INVALID},       {"revoked", ACME_INVALID}};
    const char *text = text_of(object, "status");
    for (size_t i = 0; text && i < ARRAY_COUNT(known); i++) {
        if (strcmp(text, known[i].name) == 0) {
            *status = known[i].status;
            return true;
        }
    }
    return false;
}

static void read_problem(const cJSON *object, struct acme_problem *problem) {
    static const char prefix[] = "urn:ietf:params:acme:error:";
    const char *type = text_of(object, "type");
    const char *detail = text_of(object, "detail");
    if (type && strncmp(type, prefix, sizeof(prefix) - 1) == 0)
        type += sizeof(prefix) - 1;
    copy_printable(problem->type, sizeof(problem->type), type);
    copy_printable(problem->detail, sizeof(problem->detail), detail ? detail : type);
}

static void read_error(const cJSON *object, char text[ACME_TEXT_SIZE]) {
    struct acme_problem problem = {0};
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    if (!cJSON_IsObject(error))
        return;
    read_problem(error, &problem);
    memcpy(text, problem.detail, sizeof(problem.detail));
}

enum err acme_directory_parse(struct acme_directory *directory, const char *json) {
    *directory = (struct acme_directory){0};
    cJSON *object = cJSON_Parse(json);
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(object, "meta");
    bool fits = copy_url(directory->new_nonce, text_of(object, "newNonce")) &&
                copy_url(directory->new_account, text_of(object, "newAccount")) &&
                copy_url(directory->new_order, text_of(object, "newOrder"));
    directory->needs_external_account =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(meta, "externalAccountRequired"));
    cJSON_Delete(object);
    return fits ? OK : ERR_INVALID;
}

static bool read_authorizations(const cJSON *list, struct acme_order *order) {
    const cJSON *item;
    if (!cJSON_IsArray(list))
        return false;
    cJSON_ArrayForEach(item, list) {
        if (order->authorization_count == ACME_NAMES ||
            !copy_url(order->authorizations[order->authorization_count],
                      cJSON_GetStringValue(item)))
            return false;
        order->authorization_count++;
    }
    return true;
}

enum err acme_order_parse(struct acme_order *order, const char *json) {
    *order = (struct acme_order){0};
    cJSON *object = cJSON_Parse(json);
    const char *certificate = text_of(object, "certificate");
    bool fits =
        read_status(object, &order->status) &&
        read_authorizations(cJSON_GetObjectItemCaseSensitive(object, "authorizations"), order) &&
        copy_url(order->finalize, text_of(object, "finalize")) &&
        (!certificate || copy_url(order->certificate, certificate)) &&
        (order->status != ACME_VALID || certificate);
    read_error(object, order->problem);
    cJSON_Delete(object);
    return fits ? OK : ERR_INVALID;
}

/* Kinds we do not know are passed over. */
static bool read_challenge(const cJSON *item, struct acme_authorization *authorization) {
    const char *type = text_of(item, "type");
    for (int kind = 0; type && kind < ACME_KINDS; kind++) {
        if (strcmp(type, acme_kind_names[kind]) != 0)
            continue;
        if (!copy_url(authorization->challenges[kind].url, text_of(item, "url")) ||
            !copy_token(authorization->challenges[kind].token, text_of(item, "token")))
            return false;
        read_error(item, authorization->problem);
    }
    return true;
}

enum err acme_authorization_parse(struct acme_authorization *authorization, const char *json) {
    *authorization = (struct acme_authorization){0};
    cJSON *object = cJSON_Parse(json);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "challenges"), *item;
    const char *name = text_of(cJSON_GetObjectItemCaseSensitive(object, "identifier"), "value");
    bool fits = read_status(object, &authorization->status) && name &&
                strlen(name) < sizeof(authorization->name) && cJSON_IsArray(list);
    copy_printable(authorization->name, sizeof(authorization->name), name);
    cJSON_ArrayForEach(item, list) fits = fits && read_challenge(item, authorization);
    cJSON_Delete(object);
    return fits ? OK : ERR_INVALID;
}

void acme_problem_parse(struct acme_problem *problem, const char *json) {
    *problem = (struct acme_problem){0};
    cJSON *object = cJSON_Parse(json);
    read_problem(object, problem);
    cJSON_Delete(object);
}
