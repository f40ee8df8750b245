/** Device traffic: the requests, errors and latency of one model of the device at a time. */

import type { DeviceDetail } from '@skerry/contract/devices/device'
import { kinds } from '@skerry/contract/kinds/kinds'
import { useState } from 'react'
import { Select } from '../../components/fields.tsx'
import { trafficTexts as words } from './english-traffic.ts'
import { TrafficCard } from './traffic-card.tsx'

/** Absent on a device that serves no model. */
export function DeviceTraffic({ device: { name, items } }: { device: DeviceDetail }) {
  const models = items.filter(({ kind, serving }) => kinds[kind].serves && serving).map((item) => item.name)
  const [chosen, choose] = useState<string>()
  const model = models.find((each) => each === chosen) ?? models[0]
  if (model === undefined) return null
  const choice = models.length > 1 && (
    <Select aria-label={words.model} value={model} onChange={({ target }) => choose(target.value)}>
      {models.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </Select>
  )
  return <TrafficCard model={model} device={name} choice={choice} />
}
