import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ShortName } from '@skerry/contract/market/listing'
import { asIs, command, fits, required, value } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { LISTING_FILE } from './listing-file.ts'

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
  - { name: alarm, kind: hub, from: high, onChange: true }
`

export const initListing = command({
  name: 'market init',
  summary: 'Write an example of a listing: a flow with sample data and a setting',
  examples: ['skerry market init level-watch', 'skerry market init level-watch --folder listings/level-watch'],
  arguments: { name: required('<name>', 'name of the listing', fits(ShortName)) },
  options: { folder: value('--folder <folder>', 'folder to write to; called as the listing by default', asIs) },
  async run({ name, folder = name }, session) {
    await mkdir(folder, { recursive: true })
    const texts = {
      [LISTING_FILE]: listing(name),
      'description.md': '# Level watch\n\nRaises an alarm while a level is above its limit.\n',
      'tank.yaml': SOURCE,
      'watch.yaml': FLOW,
    }
    for (const [file, text] of Object.entries(texts)) {
      await writeFile(join(folder, file), text, { flag: 'wx' }).catch((cause: unknown) => {
        throw fail('file_unwritable', `cannot write ${join(folder, file)}`, { cause })
      })
    }
    const files = Object.keys(texts).map((file) => join(folder, file))
    const next = `check it with "skerry market lint ${folder}"`
    session.print({ json: { files }, text: () => [...files.map((file) => `wrote ${file}`), next].join('\n') })
  },
})
