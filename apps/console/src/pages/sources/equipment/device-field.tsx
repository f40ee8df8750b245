/**
 * Device field: the device to query, one of the devices of a source. If there are more than the hub names, a person can
 * type any name.
 */
import type { ConnectionPlan } from '@skerry/contract/connections/connection'
import { useId } from 'react'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { equipmentTexts as words } from './english-equipment.ts'

/** The chosen device, if it still exists; the first one at the beginning. */
export function deviceOf(chosen: string | undefined, devices: ConnectionPlan['devices'] | undefined): string {
  const { count, names } = devices ?? { count: 0, names: [] }
  const isKnown = chosen !== undefined && (count > names.length || names.includes(chosen))
  return isKnown ? chosen : (names[0] ?? '')
}

type DeviceFieldProps = {
  devices: ConnectionPlan['devices']
  device: string
  onChoose: (device: string) => void
}

export function DeviceField({ devices: { count, names }, device, onChoose }: DeviceFieldProps) {
  const list = useId()
  if (count <= names.length)
    return (
      <Field label={words.device}>
        {(control) => (
          <Select {...control} value={device} onChange={({ target }) => onChoose(target.value)}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
      </Field>
    )
  return (
    <Field label={words.device} hint={words.deviceHint(count - names.length)}>
      {(control) => (
        <>
          <input
            {...control}
            className={INPUT}
            list={list}
            maxLength={63}
            autoComplete="off"
            spellCheck={false}
            value={device}
            onChange={({ target }) => onChoose(target.value)}
          />
          <datalist id={list}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}
