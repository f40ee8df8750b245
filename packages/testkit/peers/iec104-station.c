/*
 * IEC 60870-5-104 station for tests. The protocol is Debian's liblib60870; this file only supplies the objects, so client and
 * server share no code.
 *
 *   Install: liblib60870-dev
 *   Build:   gcc -O2 -o iec104-station iec104-station.c -llib60870 -lpthread
 *   Start:   ./iec104-station 2405
 *
 * liblib60870 is GPL-3: the built program is a peer of tests only, is never shipped, and the library never linked into anything.
 *
 * Prints "ready 127.0.0.1:PORT" once it listens. Common address 1.
 *   interrogation   M_ME_NC 100..119 = (IOA - 100) * 1.5 with SQ = 0; M_SP 300..307 = IOA & 1 with SQ = 1, of which 303 is
 *                   invalid, 304 not topical, 305 substituted, 306 blocked; M_DP 310..313 = 0..3; M_ST 315 = -3;
 *                   M_ME_NA 320 = 0.5; M_ME_NB 321 = -7, 322 = 5 with overflow; M_IT 330 = 4711; and 410..413
 *   every 20 ms     M_ME_NC 400 = 3.25, 402 = the value set there; every 40 ms 403 = 59993
 *   commands        C_SC 410, C_DC 411 (only after a selection), C_SE_NA 412, C_SE_NB 413, C_SE_NC 402: told back at the same
 *                   address; 420 confirms negatively, 421 not at all; above 600 is an unknown address
 *   C_SC 430        300 events of M_ME_TF at 500, 0 to 299, a millisecond from each to the next
 */
#include <lib60870/cs104_slave.h>
#include <lib60870/hal_thread.h>
#include <lib60870/hal_time.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMMON_ADDRESS = 1, EVENTS = 300 };

static CS104_Slave station;
static CS101_AppLayerParameters layer;
static volatile float level = 30;
static float normalised = 0.25f;
static int scaled = 9, single = 0, selected = 0;
static DoublePointValue twofold = IEC60870_DOUBLE_POINT_OFF;

static CS101_ASDU message(bool sequence, CS101_CauseOfTransmission cause)
{
    return CS101_ASDU_create(layer, sequence, cause, 0, COMMON_ADDRESS, false, false);
}

static void add(CS101_ASDU asdu, void *object)
{
    CS101_ASDU_addInformationObject(asdu, object);
    InformationObject_destroy(object);
}

static void send(IMasterConnection connection, CS101_ASDU asdu)
{
    IMasterConnection_sendASDU(connection, asdu);
    CS101_ASDU_destroy(asdu);
}

/* One object, to the client of the request or to all clients. */
static void tell(IMasterConnection connection, CS101_CauseOfTransmission cause, void *object)
{
    CS101_ASDU asdu = message(false, cause);
    add(asdu, object);
    if (connection)
        send(connection, asdu);
    else {
        CS104_Slave_enqueueASDU(station, asdu);
        CS101_ASDU_destroy(asdu);
    }
}

static void tell_settable(IMasterConnection connection, CS101_CauseOfTransmission cause)
{
    tell(connection, cause, SinglePointInformation_create(NULL, 410, single, 0));
    tell(connection, cause, DoublePointInformation_create(NULL, 411, twofold, 0));
    tell(connection, cause, MeasuredValueNormalized_create(NULL, 412, normalised, 0));
    tell(connection, cause, MeasuredValueScaled_create(NULL, 413, scaled, 0));
}

static bool on_interrogation(void *parameter, IMasterConnection connection, CS101_ASDU request, uint8_t qualifier)
{
    static const QualityDescriptor qualities[8] = {0, 0, 0, IEC60870_QUALITY_INVALID, IEC60870_QUALITY_NON_TOPICAL,
                                                   IEC60870_QUALITY_SUBSTITUTED, IEC60870_QUALITY_BLOCKED, 0};
    const CS101_CauseOfTransmission cause = CS101_COT_INTERROGATED_BY_STATION;
    (void)parameter;
    (void)qualifier;
    IMasterConnection_sendACT_CON(connection, request, false);
    CS101_ASDU floats = message(false, cause);
    for (int i = 0; i < 20; i++)
        add(floats, MeasuredValueShort_create(NULL, 100 + i, i * 1.5f, 0));
    send(connection, floats);
    CS101_ASDU points = message(true, cause);
    for (int i = 0; i < 8; i++)
        add(points, SinglePointInformation_create(NULL, 300 + i, i & 1, qualities[i]));
    send(connection, points);
    CS101_ASDU doubles = message(true, cause);
    for (int i = 0; i < 4; i++)
        add(doubles, DoublePointInformation_create(NULL, 310 + i, (DoublePointValue)i, 0));
    send(connection, doubles);
    tell(connection, cause, StepPositionInformation_create(NULL, 315, -3, false, 0));
    tell(connection, cause, MeasuredValueNormalized_create(NULL, 320, 0.5f, 0));
    tell(connection, cause, MeasuredValueScaled_create(NULL, 321, -7, 0));
    tell(connection, cause, MeasuredValueScaled_create(NULL, 322, 5, IEC60870_QUALITY_OVERFLOW));
    struct sBinaryCounterReading reading;
    BinaryCounterReading_create(&reading, 4711, 1, false, false, false);
    tell(connection, cause, IntegratedTotals_create(NULL, 330, &reading));
    tell_settable(connection, cause);
    IMasterConnection_sendACT_TERM(connection, request);
    return true;
}

static void tell_events(void)
{
    uint64_t now = Hal_getTimeInMs();
    for (int i = 0; i < EVENTS; i++) {
        struct sCP56Time2a time;
        CP56Time2a_createFromMsTimestamp(&time, now + i);
        tell(NULL, CS101_COT_SPONTANEOUS, MeasuredValueShortWithCP56Time2a_create(NULL, 500, (float)i, 0, &time));
    }
}

/* Whether the station carries out the command; only operating changes anything. */
static bool obey(int type, int address, InformationObject object)
{
    switch (type) {
    case C_SC_NA_1:
        if (address == 430)
            tell_events();
        else
            single = SingleCommand_getState((SingleCommand)object);
        return true;
    case C_DC_NA_1:
        if (!DoubleCommand_isSelect((DoubleCommand)object) && !selected)
            return false;
        selected = DoubleCommand_isSelect((DoubleCommand)object);
        if (selected)
            return true;
        twofold = (DoublePointValue)DoubleCommand_getState((DoubleCommand)object);
        return true;
    case C_SE_NA_1:
        normalised = SetpointCommandNormalized_getValue((SetpointCommandNormalized)object);
        return true;
    case C_SE_NB_1:
        scaled = SetpointCommandScaled_getValue((SetpointCommandScaled)object);
        return true;
    default:
        level = SetpointCommandShort_getValue((SetpointCommandShort)object);
        return true;
    }
}

static bool on_asdu(void *parameter, IMasterConnection connection, CS101_ASDU request)
{
    int type = CS101_ASDU_getTypeID(request);
    bool known = type == C_SC_NA_1 || type == C_DC_NA_1 || type == C_SE_NA_1 || type == C_SE_NB_1 || type == C_SE_NC_1;
    InformationObject object = known ? CS101_ASDU_getElement(request, 0) : NULL;
    (void)parameter;
    if (!object)
        return false;
    int address = InformationObject_getObjectAddress(object);
    CS101_ASDU_setCOT(request, address > 600 ? CS101_COT_UNKNOWN_IOA : CS101_COT_ACTIVATION_CON);
    bool refuses = address > 600 || address == 420 || !obey(type, address, object);
    InformationObject_destroy(object);
    CS101_ASDU_setNegative(request, refuses);
    if (address != 421)
        IMasterConnection_sendASDU(connection, request);
    if (!refuses)
        tell_settable(NULL, CS101_COT_RETURN_INFO_REMOTE);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    station = CS104_Slave_create(1000, 1000);
    layer = CS104_Slave_getAppLayerParameters(station);
    CS104_Slave_setLocalAddress(station, "127.0.0.1");
    CS104_Slave_setLocalPort(station, atoi(argv[1]));
    CS104_Slave_setServerMode(station, CS104_MODE_SINGLE_REDUNDANCY_GROUP);
    CS104_Slave_setInterrogationHandler(station, on_interrogation, NULL);
    CS104_Slave_setASDUHandler(station, on_asdu, NULL);
    CS104_Slave_start(station);
    if (!CS104_Slave_isRunning(station))
        return 1;
    printf("ready 127.0.0.1:%s\n", argv[1]);
    fflush(stdout);
    for (int round = 0;; round++) {
        Thread_sleep(20);
        if (CS104_Slave_getOpenConnections(station) == 0)
            continue;
        tell(NULL, CS101_COT_PERIODIC, MeasuredValueShort_create(NULL, 400, 3.25f, 0));
        tell(NULL, CS101_COT_PERIODIC, MeasuredValueShort_create(NULL, 402, level, 0));
        if (round % 2 == 0)
            tell(NULL, CS101_COT_PERIODIC, MeasuredValueShort_create(NULL, 403, 59993, 0));
    }
}
