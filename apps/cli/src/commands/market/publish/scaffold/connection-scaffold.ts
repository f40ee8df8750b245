/** Connection scaffold: a source or a sink whose address is a setting. */

const head = (name: string, title: string, summary: string) => `# A listing: "skerry market lint ${name}" checks it.
name: ${name}
version: 1.0.0
title: ${title}
summary: ${summary}
description: description.md
categories: [connectivity]
licence: Apache-2.0
publisher: Your company
support: https://support.example
`

const source = (
  name: string,
) => `${head(name, 'Power meter', 'Reads the power of a meter over Modbus TCP')}worksWith: [modbus]
# The form of the installation. A value of a YAML file that is {{ host }} gets the choice of the person.
settings:
  type: object
  required: [host]
  properties:
    host: { type: string, title: Host, description: Host name or address of the meter }
    port: { type: integer, title: Port, description: Port of the meter, default: 502, minimum: 1, maximum: 65535 }
permissions:
  - { access: egress, target: "{{ host }}:{{ port }}", purpose: reads the registers of the meter }
connections:
  - { item: meter, connection: source, file: meter.yaml }
`

const METER = `# "skerry source check" shows the fields of the protocols.
protocol: modbus
connection: { host: "{{ host }}", port: "{{ port }}", unit: 1 }
groups:
  - name: meter
    everyMs: 1000
    tags:
      - { name: power, unit: kW, address: "holding:100", type: float32 }
`

const sink = (name: string) => `${head(name, 'Broker', 'Sends values to an MQTT broker')}settings:
  type: object
  required: [broker]
  properties:
    broker: { type: string, title: Broker, description: Host of the MQTT broker }
    port: { type: integer, title: Port, description: Port of the broker, default: 1883, minimum: 1, maximum: 65535 }
permissions:
  - { access: egress, target: "{{ broker }}:{{ port }}", purpose: sends the values to the broker }
connections:
  - { item: broker, connection: sink, file: broker.yaml }
`

const BROKER = `# "skerry sink check" shows the fields of the protocols. Flows name this sink, and each of their signals is a topic.
protocol: mqtt
connection: { host: "{{ broker }}", port: "{{ port }}", topic: "{signal}" }
`

/** The files by their names. */
export const sourceScaffold = (name: string): Readonly<Record<string, string>> => ({
  'listing.yaml': source(name),
  'description.md': '# Power meter\n\nReads the power of a meter over Modbus TCP.\n',
  'meter.yaml': METER,
})

/** The files by their names. */
export const sinkScaffold = (name: string): Readonly<Record<string, string>> => ({
  'listing.yaml': sink(name),
  'description.md': '# Broker\n\nSends values to an MQTT broker.\n',
  'broker.yaml': BROKER,
})
