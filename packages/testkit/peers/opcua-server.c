/*
 * OPC UA server for tests. The protocol is Debian's libopen62541 1.4; this file only
 * supplies the address space, so client and server share no code.
 *
 *   Install: libopen62541-1.4-dev
 *   Build:   gcc -O2 -o opcua-server opcua-server.c -lopen62541
 *   Start:   ./opcua-server 4841 1000 100 FOLDER     (port, number of tags, update period in ms)
 *
 * With a recording it replays that, too, see replay.h: ... FOLDER READINGS.csv 100 1700000000000
 * adds a Double for each column, named by it, that changes with the readings.
 *
 * Prints "ready opc.tcp://localhost:PORT" once it listens. Stop it with SIGTERM; SIGKILL it to
 * test the loss of a server.
 *
 * FOLDER keeps its self-signed certificate and key from one start to the next, and users.der, if
 * it is there when it starts: the one certificate that users may show.
 *
 * Endpoints: None; Basic256Sha256, Aes128_Sha256_RsaOaep and Aes256_Sha256_RsaPss with Sign
 * or SignAndEncrypt. Any client certificate is accepted. Users: anonymous, op / secret, or the
 * certificate. Loopback only.
 *
 * Address space (namespace 1, http://example.com/plant): folder i=9000 "Line1" holds i=10000..
 * "Tag00000".. (Double, writable; tag i moves by 0.001 per period, so tag i = i + ticks * 0.001)
 * its methods "Reset", "Square", "Start", "Jam" and "Locked", and the nodes that are named below by strings. A period of 0 keeps all values still.
 */
#include "replay.h"
#include <open62541/plugin/accesscontrol_default.h>
#include <open62541/plugin/create_certificate.h>
#include <open62541/plugin/log_stdout.h>
#include <open62541/plugin/pki_default.h>
#include <open62541/server.h>
#include <open62541/server_config_default.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APPLICATION_URI "urn:open62541.server.application"
#define NAMESPACE_URI "http://example.com/plant"

enum { FOLDER = 9000, FIRST_TAG = 10000 };

static volatile UA_Boolean running = true;
static int tags;
static UA_UInt32 ticks;
static UA_UInt16 ns;
static struct replay replay;

static void stop(int signal_number)
{
    (void)signal_number;
    running = false;
}

static void update_tags(UA_Server *server, void *data)
{
    (void)data;
    ticks++;
    for (int i = 0; i < tags; i++) {
        UA_Double value = i + ticks * 0.001;
        UA_Variant variant;
        UA_Variant_setScalar(&variant, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
        UA_Server_writeValue(server, UA_NODEID_NUMERIC(ns, (UA_UInt32)(FIRST_TAG + i)), variant);
    }
}

static void update_replayed(UA_Server *server, void *data)
{
    (void)data;
    const double *reading = replay_now(&replay);
    for (int i = 0; reading && i < replay.columns; i++) {
        UA_Variant variant;
        UA_Variant_setScalarCopy(&variant, &reading[i], &UA_TYPES[UA_TYPES_DOUBLE]);
        UA_Server_writeValue(server, UA_NODEID_STRING(ns, replay.names[i]), variant);
        UA_Variant_clear(&variant);
    }
}

static UA_StatusCode add_node(UA_Server *server, UA_NodeId id, char *name, UA_Variant value,
                              UA_Byte access)
{
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    attributes.value = value;
    attributes.dataType = value.type->typeId;
    attributes.displayName = UA_LOCALIZEDTEXT("en", name);
    attributes.accessLevel = access;
    UA_UInt32 length = (UA_UInt32)value.arrayLength;
    if (value.arrayLength > 0) {
        attributes.valueRank = UA_VALUERANK_ONE_DIMENSION;
        attributes.arrayDimensions = &length;
        attributes.arrayDimensionsSize = 1;
    }
    return UA_Server_addVariableNode(server, id, UA_NODEID_NUMERIC(ns, FOLDER),
                                     UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES),
                                     UA_QUALIFIEDNAME(ns, name),
                                     UA_NODEID_NUMERIC(0, UA_NS0ID_BASEDATAVARIABLETYPE),
                                     attributes, NULL, NULL);
}

#define BOTH (UA_ACCESSLEVELMASK_READ | UA_ACCESSLEVELMASK_WRITE)

static UA_StatusCode add_scalar(UA_Server *server, char *name, void *value, size_t type)
{
    UA_Variant variant;
    UA_Variant_setScalar(&variant, value, &UA_TYPES[type]);
    return add_node(server, UA_NODEID_STRING(ns, name), name, variant, BOTH);
}

/* A value that the server itself says is doubtful, or is none. */
static UA_StatusCode set_status(UA_Server *server, char *name, UA_Double value, UA_StatusCode status)
{
    UA_DataValue data;
    UA_DataValue_init(&data);
    UA_Variant_setScalar(&data.value, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
    data.hasValue = data.hasStatus = true;
    data.status = status;
    return UA_Server_writeDataValue(server, UA_NODEID_STRING(ns, name), data);
}

static UA_StatusCode add_typed(UA_Server *server)
{
    UA_Boolean boolean = true;
    UA_SByte sbyte = -5;
    UA_Byte byte = 200;
    UA_Int16 int16 = -12345;
    UA_UInt16 uint16 = 59993;
    UA_Int32 int32 = -123456789, setpoint = 1;
    UA_UInt32 uint32 = 4000000000u;
    UA_Int64 int64 = -5000000000ll;
    UA_UInt64 uint64 = 5000000000ull, huge = 18000000000000000001ull;
    UA_Float single = 3.25f;
    UA_Double number = 3.25, doubtful = 7.5;
    UA_String string = UA_STRING("PRESS 7");
    UA_DateTime time = UA_DATETIME_UNIX_EPOCH + 1700000000ll * UA_DATETIME_SEC;
    UA_LocalizedText text = UA_LOCALIZEDTEXT("en", "running");
    UA_ByteString bytes = UA_BYTESTRING("abc");
    UA_Double list[] = {1.5, 2.5, 3.5};
    UA_Boolean flags[] = {true, false};
    UA_Int64 longs[] = {-5000000000ll, 7};
    UA_String names[] = {UA_STRING("one"), UA_STRING("two")};
    struct { char *name; void *value; size_t type; } scalars[] = {
        {"Boolean", &boolean, UA_TYPES_BOOLEAN}, {"SByte", &sbyte, UA_TYPES_SBYTE},
        {"Byte", &byte, UA_TYPES_BYTE},          {"Int16", &int16, UA_TYPES_INT16},
        {"UInt16", &uint16, UA_TYPES_UINT16},    {"Int32", &int32, UA_TYPES_INT32},
        {"UInt32", &uint32, UA_TYPES_UINT32},    {"Int64", &int64, UA_TYPES_INT64},
        {"UInt64", &uint64, UA_TYPES_UINT64},    {"Huge", &huge, UA_TYPES_UINT64},
        {"Float", &single, UA_TYPES_FLOAT},      {"Double", &number, UA_TYPES_DOUBLE},
        {"String", &string, UA_TYPES_STRING},    {"DateTime", &time, UA_TYPES_DATETIME},
        {"Text", &text, UA_TYPES_LOCALIZEDTEXT}, {"Bytes", &bytes, UA_TYPES_BYTESTRING},
        {"Setpoint", &setpoint, UA_TYPES_INT32}, {"Doubtful", &doubtful, UA_TYPES_DOUBLE},
        {"Broken", &doubtful, UA_TYPES_DOUBLE},
    };
    UA_StatusCode status = UA_STATUSCODE_GOOD;
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        status |= add_scalar(server, scalars[i].name, scalars[i].value, scalars[i].type);
    UA_Variant variant;
    UA_Variant_setArray(&variant, list, 3, &UA_TYPES[UA_TYPES_DOUBLE]);
    status |= add_node(server, UA_NODEID_STRING(ns, "Doubles"), "Doubles", variant, BOTH);
    UA_Variant_setArray(&variant, flags, 2, &UA_TYPES[UA_TYPES_BOOLEAN]);
    status |= add_node(server, UA_NODEID_STRING(ns, "Flags"), "Flags", variant, BOTH);
    UA_Variant_setArray(&variant, longs, 2, &UA_TYPES[UA_TYPES_INT64]);
    status |= add_node(server, UA_NODEID_STRING(ns, "Longs"), "Longs", variant, BOTH);
    UA_Variant_setArray(&variant, names, 2, &UA_TYPES[UA_TYPES_STRING]);
    status |= add_node(server, UA_NODEID_STRING(ns, "Names"), "Names", variant, BOTH);
    UA_Variant_setScalar(&variant, &number, &UA_TYPES[UA_TYPES_DOUBLE]);
    status |= add_node(server, UA_NODEID_STRING(ns, "ReadOnly"), "ReadOnly", variant,
                       UA_ACCESSLEVELMASK_READ);
    status |= set_status(server, "Doubtful", 7.5, UA_STATUSCODE_UNCERTAINSENSORNOTACCURATE);
    return status | set_status(server, "Broken", 0, UA_STATUSCODE_BADSENSORFAILURE);
}

/* Methods: "Calls" counts the calls of all, so that a test notices a method that did not run. */
static UA_Int32 calls;

static void count_call(UA_Server *server)
{
    UA_Variant variant;
    calls++;
    UA_Variant_setScalar(&variant, &calls, &UA_TYPES[UA_TYPES_INT32]);
    UA_Server_writeValue(server, UA_NODEID_STRING(ns, "Calls"), variant);
}

#define METHOD(name)                                                                               \
    static UA_StatusCode name(UA_Server *server, const UA_NodeId *session, void *session_context,  \
                              const UA_NodeId *method, void *context, const UA_NodeId *object,     \
                              void *object_context, size_t inputs, const UA_Variant *input,        \
                              size_t outputs, UA_Variant *output)

METHOD(reset)
{
    count_call(server);
    return UA_STATUSCODE_GOOD;
}

METHOD(square)
{
    UA_Double side = *(UA_Double *)input[0].data, area = side * side;
    count_call(server);
    return UA_Variant_setScalarCopy(&output[0], &area, &UA_TYPES[UA_TYPES_DOUBLE]);
}

static UA_Boolean said_is(const UA_String *said, char *text)
{
    UA_String wanted = UA_STRING(text);
    return UA_String_equal(said, &wanted);
}

/* Takes speed (Duration, which is a Double), recipe and whether gently; gives a number and a text.
   Above 3000, and for the recipes "master" and "more", it says no. */
METHOD(start)
{
    UA_Double speed = *(UA_Double *)input[0].data;
    UA_String recipe = *(UA_String *)input[1].data;
    UA_Boolean gently = *(UA_Boolean *)input[2].data;
    char text[128];
    if (speed > 3000)
        return UA_STATUSCODE_BADOUTOFRANGE;
    if (said_is(&recipe, "master"))
        return UA_STATUSCODE_BADUSERACCESSDENIED;
    if (said_is(&recipe, "more"))
        return UA_STATUSCODE_BADARGUMENTSMISSING;
    count_call(server);
    snprintf(text, sizeof text, "%.*s at %g%s", (int)recipe.length, (char *)recipe.data, speed,
             gently ? ", gently" : "");
    UA_UInt64 batch = (UA_UInt64)calls;
    UA_String said = UA_STRING(text);
    return UA_Variant_setScalarCopy(&output[0], &batch, &UA_TYPES[UA_TYPES_UINT64]) |
           UA_Variant_setScalarCopy(&output[1], &said, &UA_TYPES[UA_TYPES_STRING]);
}

METHOD(jam)
{
    count_call(server);
    return UA_STATUSCODE_BADDEVICEFAILURE;
}

static UA_Argument argument(char *name, UA_NodeId type)
{
    UA_Argument it;
    UA_Argument_init(&it);
    it.name = UA_STRING(name);
    it.dataType = type;
    it.valueRank = UA_VALUERANK_SCALAR;
    return it;
}

static UA_StatusCode add_method(UA_Server *server, char *name, UA_MethodCallback run, size_t inputs,
                                const UA_Argument *input, size_t outputs, const UA_Argument *output)
{
    UA_MethodAttributes attributes = UA_MethodAttributes_default;
    attributes.displayName = UA_LOCALIZEDTEXT("en", name);
    attributes.executable = true;
    attributes.userExecutable = true;
    return UA_Server_addMethodNode(server, UA_NODEID_STRING(ns, name), UA_NODEID_NUMERIC(ns, FOLDER),
                                   UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT),
                                   UA_QUALIFIEDNAME(ns, name), attributes, run, inputs, input,
                                   outputs, output, NULL, NULL);
}

static UA_StatusCode add_methods(UA_Server *server)
{
    UA_NodeId number = UA_TYPES[UA_TYPES_DOUBLE].typeId;
    UA_NodeId text = UA_TYPES[UA_TYPES_STRING].typeId;
    UA_NodeId derived = UA_NODEID_NUMERIC(0, UA_NS0ID_DURATION);
    UA_Argument side = argument("side", number), area = argument("area", number);
    UA_Argument wanted[] = {argument("speed", derived), argument("recipe", text),
                            argument("gently", UA_TYPES[UA_TYPES_BOOLEAN].typeId)};
    UA_Argument given[] = {argument("batch", UA_TYPES[UA_TYPES_UINT64].typeId), argument("said", text)};
    return add_scalar(server, "Calls", &calls, UA_TYPES_INT32) |
           add_method(server, "Reset", reset, 0, NULL, 0, NULL) |
           add_method(server, "Square", square, 1, &side, 1, &area) |
           add_method(server, "Start", start, 3, wanted, 2, given) |
           add_method(server, "Jam", jam, 0, NULL, 0, NULL) |
           add_method(server, "Locked", reset, 0, NULL, 0, NULL);
}

/* Nobody may call "Locked". */
static UA_Boolean may_call(UA_Server *server, UA_AccessControl *access, const UA_NodeId *session,
                           void *session_context, const UA_NodeId *method, void *method_context,
                           const UA_NodeId *object, void *object_context)
{
    UA_NodeId locked = UA_NODEID_STRING(ns, "Locked");
    return !UA_NodeId_equal(method, &locked);
}

static UA_StatusCode add_moving(UA_Server *server)
{
    UA_StatusCode status = UA_STATUSCODE_GOOD;
    for (int i = 0; i < tags && status == UA_STATUSCODE_GOOD; i++) {
        char name[32];
        UA_Double value = i;
        UA_Variant variant;
        snprintf(name, sizeof name, "Tag%05d", i);
        UA_Variant_setScalar(&variant, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
        status = add_node(server, UA_NODEID_NUMERIC(ns, (UA_UInt32)(FIRST_TAG + i)), name, variant,
                          BOTH);
    }
    return status;
}

static UA_StatusCode add_replayed(UA_Server *server)
{
    UA_StatusCode status = UA_STATUSCODE_GOOD;
    for (int i = 0; i < replay.columns; i++) {
        UA_Double value = 0;
        status |= add_scalar(server, replay.names[i], &value, UA_TYPES_DOUBLE);
    }
    if (status != UA_STATUSCODE_GOOD || replay.columns == 0)
        return status;
    update_replayed(server, NULL);
    /* Four looks at each reading: none is told much too late. */
    return UA_Server_addRepeatedCallback(server, update_replayed, NULL, (double)replay.every_ms / 4, NULL);
}

static UA_StatusCode build_address_space(UA_Server *server)
{
    UA_ObjectAttributes attributes = UA_ObjectAttributes_default;
    ns = UA_Server_addNamespace(server, NAMESPACE_URI);
    attributes.displayName = UA_LOCALIZEDTEXT("en", "Line1");
    UA_StatusCode status = UA_Server_addObjectNode(
        server, UA_NODEID_NUMERIC(ns, FOLDER), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER),
        UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES), UA_QUALIFIEDNAME(ns, "Line1"),
        UA_NODEID_NUMERIC(0, UA_NS0ID_FOLDERTYPE), attributes, NULL, NULL);
    if (status == UA_STATUSCODE_GOOD)
        status = add_moving(server);
    if (status == UA_STATUSCODE_GOOD)
        status = add_replayed(server);
    return status == UA_STATUSCODE_GOOD ? add_typed(server) | add_methods(server) : status;
}

static UA_ByteString load(const char *folder, const char *name)
{
    UA_ByteString bytes = UA_BYTESTRING_NULL;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return bytes;
    fseek(file, 0, SEEK_END);
    UA_ByteString_allocBuffer(&bytes, (size_t)ftell(file));
    rewind(file);
    if (fread(bytes.data, 1, bytes.length, file) != bytes.length)
        UA_ByteString_clear(&bytes);
    fclose(file);
    return bytes;
}

static void save(const char *folder, const char *name, UA_ByteString bytes)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        return;
    fwrite(bytes.data, 1, bytes.length, file);
    fclose(file);
}

static UA_StatusCode own_certificate(const char *folder, UA_ByteString *certificate,
                                     UA_ByteString *key)
{
    *certificate = load(folder, "server.der");
    *key = load(folder, "server.key.der");
    if (certificate->length > 0 && key->length > 0)
        return UA_STATUSCODE_GOOD;
    UA_String subject[] = {UA_STRING("C=DE"), UA_STRING("O=Test"), UA_STRING("CN=TestServer")};
    UA_String alt_names[] = {UA_STRING("DNS:localhost"), UA_STRING("URI:" APPLICATION_URI)};
    UA_UInt16 key_bits = 2048;
    UA_KeyValueMap options = UA_KEYVALUEMAP_NULL;
    UA_KeyValueMap_setScalar(&options, UA_QUALIFIEDNAME(0, "key-size-bits"), &key_bits,
                             &UA_TYPES[UA_TYPES_UINT16]);
    UA_StatusCode status = UA_CreateCertificate(UA_Log_Stdout, subject, 3, alt_names, 2,
                                                UA_CERTIFICATEFORMAT_DER, &options, key,
                                                certificate);
    UA_KeyValueMap_clear(&options);
    save(folder, "server.der", *certificate);
    save(folder, "server.key.der", *key);
    return status;
}

static UA_StatusCode configure(UA_ServerConfig *config, UA_UInt16 port, char *url,
                               const char *folder)
{
    UA_ByteString key, certificate;
    UA_StatusCode status = own_certificate(folder, &certificate, &key);
    if (status == UA_STATUSCODE_GOOD)
        status = UA_ServerConfig_setDefaultWithSecurityPolicies(config, port, &certificate, &key,
                                                                NULL, 0, NULL, 0, NULL, 0);
    UA_ByteString_clear(&key);
    UA_ByteString_clear(&certificate);
    if (status != UA_STATUSCODE_GOOD)
        return status;

    /* The application URI must equal the URI in the certificate, or clients refuse it. */
    UA_String_clear(&config->applicationDescription.applicationUri);
    config->applicationDescription.applicationUri = UA_STRING_ALLOC(APPLICATION_URI);
    UA_String_clear(&config->serverUrls[0]);
    config->serverUrls[0] = UA_STRING_ALLOC(url);
    UA_CertificateVerification_AcceptAll(&config->secureChannelPKI);
    UA_ByteString user = load(folder, "users.der");
    if (user.length > 0)
        UA_CertificateVerification_Trustlist(&config->sessionPKI, &user, 1, NULL, 0, NULL, 0);
    UA_ByteString_clear(&user);

    /* As quick as the quickest group. */
    config->publishingIntervalLimits.min = 5;
    config->samplingIntervalLimits.min = 5;

    UA_UsernamePasswordLogin login = {UA_STRING_STATIC("op"), UA_STRING_STATIC("secret")};
    config->accessControl.clear(&config->accessControl);
    status = UA_AccessControl_default(config, true, NULL, 1, &login);
    config->accessControl.getUserExecutableOnObject = may_call;
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 5 && (argc != 8 || !replay_open(&replay, argv + 5))) {
        fprintf(stderr, "usage: %s PORT TAGS PERIOD_MS FOLDER [READINGS EVERY_MS BEGAN_MS]\n", argv[0]);
        return 2;
    }
    UA_UInt16 port = (UA_UInt16)atoi(argv[1]);
    tags = atoi(argv[2]);
    double period = atof(argv[3]);
    char url[64];
    snprintf(url, sizeof url, "opc.tcp://localhost:%u", port);
    signal(SIGINT, stop);
    signal(SIGTERM, stop);

    UA_ServerConfig config;
    memset(&config, 0, sizeof config);
    config.logging = UA_Log_Stdout_new(UA_LOGLEVEL_FATAL);
    UA_StatusCode status = configure(&config, port, url, argv[4]);
    UA_Server *server = UA_Server_newWithConfig(&config);
    if (status == UA_STATUSCODE_GOOD)
        status = build_address_space(server);
    if (status == UA_STATUSCODE_GOOD && period > 0)
        status = UA_Server_addRepeatedCallback(server, update_tags, NULL, period, NULL);
    if (status == UA_STATUSCODE_GOOD)
        status = UA_Server_run_startup(server);
    if (status == UA_STATUSCODE_GOOD) {
        printf("ready %s\n", url);
        fflush(stdout);
        while (running)
            UA_Server_run_iterate(server, true);
        status = UA_Server_run_shutdown(server);
    }
    if (status != UA_STATUSCODE_GOOD)
        fprintf(stderr, "%s\n", UA_StatusCode_name(status));
    UA_Server_delete(server);
    return status != UA_STATUSCODE_GOOD;
}
