/** Fake selectors: one answer to whatever is asked, and what was asked. */
import type { SelectorPreview } from '@skerry/contract/deployments/selector-preview'
import { GATEWAY } from './fake-data.ts'
import type { FakeState, Implementer } from './fake-state.ts'

const { id, name, site } = GATEWAY

const PREVIEW: SelectorPreview = {
  total: 1_204,
  picked: { count: 2, devices: [{ id, name, site }] },
  refused: {
    count: 1,
    codes: [{ code: 'device_pending', count: 1 }],
    devices: [{ id, name: 'gateway-2', site, code: 'device_pending', message: 'the device waits for approval' }],
  },
  others: {
    count: 1_201,
    conditions: [
      { condition: 'device.labels.line == "4"', count: 1_201 },
      { condition: 'site.country == "NL"', count: 1_000 },
    ],
    devices: [
      {
        id,
        name: 'press-1',
        site: 'lyon',
        unmet: [
          { condition: 'site.country == "NL"', found: 'site.country is FR' },
          { condition: 'device.labels.line == "4"', found: 'device.labels.line is x', problem: 'it is not a number' },
        ],
      },
    ],
  },
}

export function selectorRouter(os: Implementer, { calls }: FakeState) {
  return {
    preview: os.selector.preview.handler(({ input }) => {
      calls.push(`selector.preview ${JSON.stringify(input)}`)
      return PREVIEW
    }),
    values: os.selector.values.handler(() => ({
      total: 3,
      fields: [
        { field: 'site.country', values: ['DE', 'FR'].map((value) => ({ value, count: 1 })), omitted: 0 },
        { field: 'device.name', values: 'abcdefghi'.split('').map((value) => ({ value, count: 1 })), omitted: 91 },
        { field: 'device.labels', key: 'line', values: [{ value: '4', count: 2 }], omitted: 0 },
        { field: 'device.labels', key: 'team/owner', values: [{ value: 'ot', count: 2 }], omitted: 0 },
      ],
    })),
  }
}
