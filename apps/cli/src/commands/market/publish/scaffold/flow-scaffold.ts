/** Flow scaffold: a flow with sample data and a setting. */
const listing = (name: string) => `# A listing: "skerry market lint ${name}" checks it.
name: ${name}
version: 1.0.0
title: Level watch
summary: Watches a value and counts how often it is too high
description: description.md
categories: [maintenance]
licence: Apache-2.0
publisher: Your company
support: https://support.example
# Memory that a run adds to the runtime: "skerry market certify ${name} --level 2" measures it.
needs: { memoryBytes: 67108864 }
# The form of the installation. A value of a YAML file that is {{ limit }} gets the choice of the person.
settings:
  type: object
  properties:
    limit: { type: number, title: Limit, description: Values above it raise the alarm, default: 60 }
permissions:
  - access: read-tag
    target: "{{ name.tank }}/level"
    purpose: reads the level to compare it with the limit
connections:
  - { item: tank, connection: source, file: tank.yaml }
versions:
  - { item: watch, kind: flow, file: watch.yaml, probationSeconds: 5 }
# Results that people see with the sample data, in so many seconds.
sample:
  seconds: 60
  results:
    - { item: watch, sink: levels, atLeast: 20 }
    - { item: watch, sink: alarm, value: 1 }
`

const SOURCE = `# Sample data. Replace it with your equipment: "skerry source check" shows the protocols.
protocol: simulator
connection: { seed: 7 }
groups:
  - name: fast
    everyMs: 1000
    tags:
      - name: level
        unit: "%"
        signal: { kind: sine, mean: 50, amplitude: 30, periodSeconds: 20 }
`

const FLOW = `description: Raises an alarm while the level is too high
inputs:
  - { name: level, source: "{{ name.tank }}", tag: level }
steps:
  - { name: high, kind: threshold, from: level, above: "{{ limit }}" }
sinks:
  - { name: levels, kind: hub, from: level, everyMs: 2000 }
  - { name: alarm, kind: hub, from: high, onChange: true, priority: urgent }
`

/** The files by their names. */
export const flowScaffold = (name: string): Readonly<Record<string, string>> => ({
  'listing.yaml': listing(name),
  'description.md': '# Level watch\n\nRaises an alarm while a level is above its limit.\n',
  'tank.yaml': SOURCE,
  'watch.yaml': FLOW,
})
