import type { Model } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { expect, test } from 'vitest'
import { NOW_MS } from '../../../test/fake-hub/fake-data.ts'
import { styleOf } from '../../program/terminal/style.ts'
import { modelsTable } from './model-view.ts'

const plain = styleOf({ isTTY: false, columns: 200, write: () => {} }, {})

const model = (name: string, running: Model['running']): Model => ({
  name: Name.parse(name),
  kind: 'model',
  versionCount: 2,
  latestVersion: 2,
  aliases: {},
  createdAtMs: NOW_MS,
  ...(running && { running }),
})

test('a list of models says that a version runs only on devices that still report', () => {
  const models = [
    model('heard', [{ version: 2, devices: 2 }]),
    model('mixed', [
      { version: 2, devices: 2, silent: 1 },
      { version: 1, devices: 1, silent: 1 },
    ]),
    model('silent', [{ version: 2, devices: 1, silent: 1 }]),
    model('unused', []),
  ]
  const [, ...rows] = modelsTable(models, plain, 'none').split('\n')
  expect(rows.map((row) => row.match(/ 2 {2,}2 {2,}(.*?) {2,}/)?.[1])).toEqual([
    'v2 on 2',
    'v2 on 1, 2 silent (last reported v1 on 1, v2 on 1)',
    '1 silent (last reported v2)',
    'nowhere',
  ])
})
