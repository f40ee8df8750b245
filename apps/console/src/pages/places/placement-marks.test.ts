import { PlacedDevice, type PlaceVerdict } from '@skerry/contract/places/placement'
import { SiteState } from '@skerry/contract/sites/site'
import { expect, test } from 'vitest'
import { placementMarks, statesAt, toneOfMark } from './placement-marks.ts'

const device = (name: string, site: string, verdict: PlaceVerdict) =>
  PlacedDevice.parse({ id: `dev_aaaaaaa${name}`, device: name, site, verdict, reason: 'because' })

const state = (site: string) => SiteState.parse({ site, kind: 'edge', clearance: 'internal', labels: {}, devices: {} })

const devices = [
  device('a', 'lyon', 'picked'),
  device('b', 'lyon', 'standby'),
  device('c', 'paris', 'standby'),
  device('d', 'boston', 'residency_violated'),
  device('e', 'nowhere', 'standby'),
]

const places = ['lyon', 'paris', 'boston'].map((site, at) => ({ state: state(site), at: [at, at] as [number, number] }))

test('each site has a mark with its replicas, and sites that are not on the map are named', () => {
  const { marks, unplaced } = placementMarks(devices, places)
  expect(marks.map(({ site, now, after }) => [site, now, after])).toEqual([
    ['lyon', 1, 1],
    ['paris', 0, 0],
    ['boston', 0, 0],
  ])
  expect(marks.map(toneOfMark)).toEqual(['good', 'idle', 'bad'])
  expect(unplaced).toEqual(['nowhere'])
})

test('a change shows the replicas before and after, also at a site that had no device', () => {
  const change = {
    gained: [device('c', 'paris', 'picked'), device('f', 'boston', 'picked')],
    lost: devices.slice(0, 1),
  }
  const { marks } = placementMarks(devices.slice(0, 3), places, change)
  expect(marks.map(({ site, now, after }) => [site, now, after])).toEqual([
    ['lyon', 1, 0],
    ['paris', 0, 1],
    ['boston', 0, 1],
  ])
  expect(marks.map(toneOfMark)).toEqual(['warn', 'busy', 'busy'])
  expect(statesAt([state('lyon'), state('oslo')], devices, change).map(({ site }) => site)).toEqual(['lyon'])
})
