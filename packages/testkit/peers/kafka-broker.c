/*
 * Kafka broker for tests: librdkafka's mock cluster of one broker, which speaks the real Kafka protocol on a real TCP port.
 *
 *   Needs: librdkafka-dev (and kcat as a client that is neither this nor ours)
 *   Build: gcc -O2 -o kafka-broker kafka-broker.c -lrdkafka
 *   Start: ./kafka-broker PORT ADVERTISED TOPIC:PARTITIONS[:ERROR] ... [!ERROR ...] [~MS ...]
 *
 * ADVERTISED is the port that clients are told, where something stands before it. A topic with an ERROR is told of with that code of the
 * protocol; each !ERROR is the answer to one request to write, and each ~MS holds back the answer to one for so long.
 * SIGUSR1 cuts all connections and takes no new ones, but keeps its records, like a broker's disk; SIGUSR2 takes them again. Its
 * records are in memory: a killed broker forgets them. It has no authentication, retention or replicas.
 */
#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The number of the request that writes. */
#define PRODUCE 0

static int port, advertised;

/* The mock cluster lets the system choose its port, and tells clients the one that it asks its socket for. A broker that comes back has the one that it had. */
int bind(int socket, const struct sockaddr *address, socklen_t length)
{
    struct sockaddr_in to;
    if (address->sa_family != AF_INET || ntohs(((const struct sockaddr_in *)address)->sin_port) != 0)
        return (int)syscall(SYS_bind, socket, address, length);
    memcpy(&to, address, sizeof to);
    to.sin_port = htons((uint16_t)port);
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return (int)syscall(SYS_bind, socket, &to, sizeof to);
}

int getsockname(int socket, struct sockaddr *address, socklen_t *length)
{
    int result = (int)syscall(SYS_getsockname, socket, address, length);
    struct sockaddr_in *in = (struct sockaddr_in *)address;
    if (result == 0 && address->sa_family == AF_INET && ntohs(in->sin_port) == port)
        in->sin_port = htons((uint16_t)advertised);
    return result;
}

static void add_topic(rd_kafka_mock_cluster_t *cluster, char *text)
{
    if (text[0] == '!') {
        rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, (rd_kafka_resp_err_t)atoi(text + 1));
        return;
    }
    if (text[0] == '~') {
        rd_kafka_mock_broker_push_request_error_rtts(cluster, 1, PRODUCE, 1, RD_KAFKA_RESP_ERR_NO_ERROR, atoi(text + 1));
        return;
    }
    char *name = strtok(text, ":"), *partitions = strtok(NULL, ":"), *error = strtok(NULL, ":");
    if (!partitions || rd_kafka_mock_topic_create(cluster, name, atoi(partitions), 1)) {
        fprintf(stderr, "no such topic: %s\n", text);
        exit(2);
    }
    if (error)
        rd_kafka_mock_topic_set_error(cluster, name, (rd_kafka_resp_err_t)atoi(error));
}

int main(int argc, char **argv)
{
    char error[512];
    if (argc < 4) {
        fprintf(stderr, "usage: %s PORT ADVERTISED TOPIC:PARTITIONS[:ERROR] ... [!ERROR ...] [~MS ...]\n", argv[0]);
        return 2;
    }
    port = atoi(argv[1]);
    advertised = atoi(argv[2]);
    sigset_t orders;
    sigemptyset(&orders);
    sigaddset(&orders, SIGUSR1);
    sigaddset(&orders, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &orders, NULL);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error);
    rd_kafka_mock_cluster_t *cluster = handle ? rd_kafka_mock_cluster_new(handle, 1) : NULL;
    if (!cluster) {
        fprintf(stderr, "no cluster: %s\n", error);
        return 1;
    }
    for (int at = 3; at < argc; at++)
        add_topic(cluster, argv[at]);
    printf("ready %s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    for (;;) {
        int order;
        if (sigwait(&orders, &order))
            continue;
        if (order == SIGUSR1)
            rd_kafka_mock_broker_set_down(cluster, 1);
        else
            rd_kafka_mock_broker_set_up(cluster, 1);
        printf("%s\n", order == SIGUSR1 ? "down" : "up");
        fflush(stdout);
    }
}
