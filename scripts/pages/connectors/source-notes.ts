/**
 * Source notes: the hand-written part of the page of each protocol of sources. All else on a page is derived from
 * schemas, code, tests and docs/sources.md.
 */
import type { Source } from '@skerry/contract/sources/source'

export type ConnectorNote = {
  title: string
  /** Steps at the equipment before the first connection. */
  prepare: readonly string[]
  /** Protections of the connection, from the weakest to the strongest. */
  security: readonly string[]
  /** A file below examples. */
  example: string
  /** Sections of docs/sources.md or docs/sinks.md, which the page repeats. */
  sections: readonly string[]
  /** Tests below packages/connectors that run the connector against a peer, beside the conformance tests. */
  tests: readonly string[]
}

const NO_PROTECTION =
  'The protocol has no protection: everybody on the network path can read and change it. Keep it in its own network.'

export const sourceNotes: Readonly<Record<Source['protocol'], ConnectorNote>> = {
  bacnet: {
    title: 'BACnet/IP',
    prepare: [
      'Let UDP port 47808 pass between the device and the equipment. Both must be in one network, because routers and BBMDs are not supported.',
      'Find the number of the equipment, and set it as `device`: another device at the address is then noticed.',
    ],
    security: [NO_PROTECTION, 'BACnet Secure Connect is not supported.'],
    example: 'sources/plant-room-bacnet.yaml',
    sections: ['BACnet'],
    tests: ['test/sources/bacnet.test.ts'],
  },
  camera: {
    title: 'Cameras',
    prepare: [
      'Install ffmpeg on the device: `apt-get install ffmpeg`.',
      'Create a user of the camera that may only view, and note the address of its RTSP stream with H.264.',
    ],
    security: [
      'A user and a password. RTSP sends both, and the pictures, without encryption: keep cameras in their own network.',
    ],
    example: 'sources/gate-camera.yaml',
    sections: ['Cameras'],
    tests: ['test/sources/camera.test.ts'],
  },
  can: {
    title: 'CAN and CAN FD',
    prepare: [
      'Install can-utils on the device: `apt-get install can-utils`.',
      'Start the interface with the bit rate of the bus: `ip link set can0 up type can bitrate 250000`.',
      'Take start, length and order of each signal from the DBC file of the machine.',
    ],
    security: ['The bus has no protection. The source only listens, and sends nothing.'],
    example: 'sources/truck-can.yaml',
    sections: ['CAN'],
    tests: ['test/sources/can.test.ts'],
  },
  'ethernet-ip': {
    title: 'EtherNet/IP',
    prepare: [
      'Let TCP port 44818 pass between the device and the controller.',
      'Set `External Access` of each tag in the program of the controller: to `Read Only`, or to `Read/Write` for written tags.',
    ],
    security: [NO_PROTECTION, 'CIP Security is not supported.'],
    example: 'sources/press-ethernet-ip.yaml',
    sections: ['EtherNet/IP'],
    tests: [
      'test/sources/ethernet-ip.test.ts',
      'test/sources/ethernet-ip-write.test.ts',
      'test/sources/discover.test.ts',
    ],
  },
  files: {
    title: 'Files',
    prepare: [
      'Let the user of the agent read the file and its folder.',
      'Let the other program end each line, and move the file away in place of copying and truncating it.',
    ],
    security: ['The permissions of the file system.'],
    example: 'sources/scale-log.yaml',
    sections: ['Files'],
    tests: ['test/sources/files.test.ts'],
  },
  http: {
    title: 'HTTP and JSON',
    prepare: ['Find the address that answers with JSON, and try it from the device: `curl http://10.0.0.7/status`.'],
    security: [
      '`http://` has no protection.',
      '`https://` checks the certificate of the equipment against the authorities of the device.',
      '`headers` and `bearer` take secrets.',
    ],
    example: 'sources/oven-http.yaml',
    sections: ['HTTP'],
    tests: ['test/sources/http.test.ts'],
  },
  iec104: {
    title: 'IEC 60870-5-104',
    prepare: [
      'Let TCP port 2404 pass from the device to the station.',
      'Enter the address of the device as a permitted controlling station, if the station has such a list.',
      'Compare `t0Seconds` to `t3Seconds`, `k` and `w` with the settings of the station.',
    ],
    security: [NO_PROTECTION, 'TLS by IEC 62351 is not supported.'],
    example: 'sources/substation-iec104.yaml',
    sections: ['IEC 60870-5-104'],
    tests: ['test/sources/iec104.test.ts', 'test/wire.test.ts'],
  },
  knx: {
    title: 'KNX/IP',
    prepare: [
      'Let UDP port 3671 pass both ways. The gateway needs a free tunnel.',
      'Take group addresses and types of datapoints from the ETS project of the building.',
    ],
    security: [NO_PROTECTION, 'KNX Secure is not supported.'],
    example: 'sources/hall-knx.yaml',
    sections: ['KNX'],
    tests: ['test/sources/knx.test.ts'],
  },
  modbus: {
    title: 'Modbus TCP and RTU',
    prepare: [
      'Let TCP port 502 pass from the device to the equipment. For a serial line, let the user of the agent open the port: it must be in the group `dialout`.',
      'Read in the manual whether addresses begin at 0 or 1, and set `firstAddress`. The manual also states the order of the bytes in numbers of several registers.',
    ],
    security: [NO_PROTECTION],
    example: 'sources/press-modbus.yaml',
    sections: ['Groups and requests', 'Serial lines'],
    tests: [
      'test/sources/modbus.test.ts',
      'test/sources/modbus-write.test.ts',
      'test/sources/modbus-rtu.test.ts',
      'test/sources/discover.test.ts',
      'test/interlock.test.ts',
    ],
  },
  mqtt: {
    title: 'MQTT',
    prepare: [
      'Create a user of the broker that may read the topics of the tags, and may publish on the topics of written tags only.',
    ],
    security: [
      'Without `tls` everybody on the network path reads the password and all values.',
      '`tls` checks the certificate of the broker.',
      'With a certificate of the device the broker also checks the device.',
    ],
    example: 'sources/hall-mqtt.yaml',
    sections: ['MQTT'],
    tests: ['test/mqtt.test.ts', 'test/interlock.test.ts', 'test/wire.test.ts'],
  },
  opcua: {
    title: 'OPC UA',
    prepare: [
      'Let the port of the endpoint pass from the device to the server, often TCP 4840.',
      'Create a user of the server with the least permissions that the tags need.',
      'Compare the fingerprint in the first error with the display of the server, and write it under `trust`. Then accept the certificate of the device at the server.',
    ],
    security: [
      '`security: none`: everybody on the network path can read and change it. The source then sends no user.',
      '`security: sign`: values cannot be changed, but can be read.',
      '`security: encrypt`, the default: neither.',
    ],
    example: 'sources/line-opcua.yaml',
    sections: ['OPC UA'],
    tests: [
      'test/sources/opcua.test.ts',
      'test/sources/opcua-arrays.test.ts',
      'test/sources/opcua-method.test.ts',
      'test/sources/discover.test.ts',
    ],
  },
  serial: {
    title: 'Lines of text over a serial line',
    prepare: [
      'Let the user of the agent open the port: it must be in the group `dialout`.',
      'Read baud rate, parity and the end of a line in the manual of the instrument.',
    ],
    security: ['The protocol has no protection.'],
    example: 'sources/scale-serial.yaml',
    sections: ['Lines of text'],
    tests: ['test/sources/serial.test.ts'],
  },
  s7: {
    title: 'Siemens S7',
    prepare: [
      'Let TCP port 102 pass from the device to the CPU.',
      'S7-1200 and S7-1500: permit access with PUT/GET in the protection settings of the CPU, and turn off optimised access of each block that you read.',
    ],
    security: [NO_PROTECTION],
    example: 'sources/press-s7.yaml',
    sections: ['Siemens S7'],
    tests: ['test/sources/s7.test.ts', 'test/sources/discover.test.ts'],
  },
  simulator: {
    title: 'Simulator',
    prepare: ['Nothing: it needs no equipment. Use it to try flows, alerts and models.'],
    security: ['It opens no connection.'],
    example: 'sources/pump-simulator.yaml',
    sections: ['Simulator'],
    tests: ['src/simulator/session.test.ts'],
  },
  snmp: {
    title: 'SNMP',
    prepare: [
      'Let UDP port 161 pass from the device to the equipment.',
      'Create a user of version 3 with `authPriv`, SHA or SHA-256, and AES. It needs write access only for written tags.',
    ],
    security: [
      'Version 2c: the community is a password that crosses the network unencrypted.',
      'Version 3: SHA or SHA-256 protects against changes, and AES against readers.',
    ],
    example: 'sources/rack-snmp.yaml',
    sections: ['SNMP'],
    tests: ['test/sources/snmp.test.ts', 'test/sources/discover.test.ts'],
  },
  sql: {
    title: 'SQL (PostgreSQL)',
    prepare: [
      'Create a user of the database with read access to the tables of the queries only.',
      'For a table that grows, make sure that a column rises with each row and has an index.',
    ],
    security: [
      '`tls: off`, the default: everybody on the network path reads all rows.',
      '`tls: verify` checks the certificate of the server.',
    ],
    example: 'sources/mes-sql.yaml',
    sections: ['SQL'],
    tests: ['test/sources/sql.test.ts'],
  },
  sparkplug: {
    title: 'Sparkplug B',
    prepare: [
      'Create a user of the broker that may read `spBv1.0/GROUP/#`. For writes it may publish commands (NCMD, DCMD).',
      'Set `primaryHost` only if no other host of the plant has this role.',
    ],
    security: [
      'Without `tls` everybody on the network path reads the password and all values.',
      '`tls` checks the certificate of the broker.',
      'With a certificate of the device the broker also checks the device.',
    ],
    example: 'sources/line-sparkplug.yaml',
    sections: ['Sparkplug B'],
    tests: ['test/sparkplug.test.ts', 'test/wire.test.ts'],
  },
  webhook: {
    title: 'Webhook',
    prepare: [
      'Choose a free port of the device, and let it pass from the sender.',
      'Give the sender the key of the signature, and set the same key as a secret.',
    ],
    security: [
      'Without a secret the device listens to itself only.',
      '`signature`: nobody on the network path can change or repeat a request.',
      '`bearer` over `tls`: nobody can read it either. With `ca` the sender also needs a certificate.',
    ],
    example: 'sources/mes-webhook.yaml',
    sections: ['Webhook'],
    tests: ['test/webhook.test.ts'],
  },
}
