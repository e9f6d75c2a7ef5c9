/* Load client: argv → command. bench.js is who calls it; by hand it is useful too:
 *
 *     load get --port 8443 --path '/workshops/?x=#' --connections 64 --seconds 3 --pid $(pgrep
 * taller)
 */
#include "client.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(const struct options *options);
} COMMANDS[] = {
    {"get", get_run},   {"purchase", purchase_run}, {"handshake", handshake_run},
    {"hold", hold_run}, {"start", start_run},
};

static const struct option FLAGS[] = {
    {"port", 1, NULL, 'p'},     {"host", 1, NULL, 'h'},   {"path", 1, NULL, 'a'},
    {"cookie", 1, NULL, 'k'},   {"users", 1, NULL, 'u'},  {"connections", 1, NULL, 'c'},
    {"seconds", 1, NULL, 's'},  {"count", 1, NULL, 'n'},  {"first", 1, NULL, 'f'},
    {"tls", 1, NULL, 't'},      {"resume", 0, NULL, 'r'}, {"pid", 1, NULL, 'i'},
    {"requests", 1, NULL, 'q'}, {"rate", 1, NULL, 'e'},   {NULL, 0, NULL, 0},
};

static void read_options(struct options *options, int argc, char **argv) {
    for (int flag; (flag = getopt_long(argc, argv, "+", FLAGS, NULL)) != -1;) {
        switch (flag) {
        case 'p':
            options->port = atoi(optarg);
            break;
        case 'h':
            options->host = optarg;
            break;
        case 'a':
            options->path = optarg;
            break;
        case 'k':
            options->cookie = optarg;
            break;
        case 'u':
            options->users = optarg;
            break;
        case 'c':
            options->connections = atoi(optarg);
            break;
        case 's':
            options->seconds = atof(optarg);
            break;
        case 'n':
            options->count = atoi(optarg);
            break;
        case 'f':
            options->first = atoi(optarg);
            break;
        case 'e':
            options->rate = atof(optarg);
            break;
        case 't':
            options->tls = atoi(optarg);
            break;
        case 'r':
            options->resume = true;
            break;
        case 'q':
            options->requests = atoi(optarg);
            break;
        case 'i':
            if (options->pid_count == PIDS_MAX)
                fail("more than %d processes", PIDS_MAX);
            options->pids[options->pid_count++] = atoi(optarg);
            break;
        default:
            exit(2);
        }
    }
    options->command = argv + optind;
}

int main(int argc, char **argv) {
    struct options options = {
        .host = "localhost", .path = "/", .connections = 1, .seconds = 1, .count = 1, .tls = 13};
    const char *command = argc > 1 ? argv[1] : "";
    if (argc > 1)
        read_options(&options, argc - 1, argv + 1);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(*COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, command) == 0)
            return COMMANDS[i].run(&options);
    fail("usage: load get|purchase|handshake|hold|start [OPTIONS]");
}
