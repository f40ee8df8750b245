/**
 * Device picker: the devices that serve the version and can answer, and other devices with the reason why they cannot.
 */
import type { Device } from '@skerry/contract/devices/device'
import type { ServingDevice } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { FilterInput } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { BUTTON_LINK } from '../models/button-link.ts'
import { modelQueries } from '../models/model-queries.ts'
import { playgroundWords } from './english-playground.ts'
import { otherDevices } from './playground-queries.ts'

const words = playgroundWords.device

/** The list scrolls a little. If there are more devices, people filter. */
const SHOWN_MAX = 50

/** A shorter list needs no filter. */
const FILTER_FROM = 6

type PickerProps = {
  model: string
  version: number
  device: string | undefined
  onChoose: (device: string) => void
}

type Choice = { name: string; site: string; reason?: string }

export function DevicePicker({ model, version, device, onChoose }: PickerProps) {
  const [filter, setFilter] = useState('')
  const serving = useQuery(modelQueries.servingDevices(model, String(version)))
  const others = useQuery(otherDevices(filter.trim()))
  if (!serving.data)
    return (
      <Card title={words.title}>
        {serving.error ? <Failure error={serving.error} onRetry={() => void serving.refetch()} /> : <Loading />}
      </Card>
    )
  const choices = choicesOf(serving.data, others.data?.rows ?? [], filter.trim())
  const isLong = filter !== '' || serving.data.length + (others.data?.rows.length ?? 0) >= FILTER_FROM
  return (
    <Card title={words.title} isFlush>
      {serving.data.length === 0 && <NoneServes model={model} version={version} />}
      {isLong && (
        <div className="border-b border-line p-3">
          <FilterInput label={words.filter} placeholder={words.placeholder} value={filter} onChange={setFilter} />
        </div>
      )}
      {choices.length === 0 ? (
        <p className="p-4 text-sm text-soft">{words.noMatch}</p>
      ) : (
        <Choices choices={choices} device={device} onChoose={onChoose} />
      )}
    </Card>
  )
}

function choicesOf(serving: readonly ServingDevice[], others: readonly Device[], filter: string): Choice[] {
  const fits = ({ name, site }: Choice) => filter === '' || name.includes(filter) || site.includes(filter)
  const known = new Set(serving.map(({ name }) => name))
  const own = serving.map(({ name, site, liveness }) => ({
    name,
    site,
    ...(liveness !== 'online' && { reason: words[liveness] }),
  }))
  const rest = others
    .filter(({ name }) => !known.has(name))
    .map(({ name, site, liveness }) => ({
      name,
      site,
      reason: liveness === 'online' ? words.unserved : words[liveness],
    }))
  const canBe = ({ reason }: Choice) => reason === undefined
  const all: Choice[] = [...own, ...rest].filter(fits)
  return [...all.filter(canBe), ...all.filter((choice) => !canBe(choice))]
}

function NoneServes({ model, version }: { model: string; version: number }) {
  const search = { model, version: String(version) }
  return (
    <div className="border-b border-line">
      <Empty
        icon={Server}
        title={words.none}
        hint={words.noneHint}
        action={
          <Link to="/deploy" search={search} className={BUTTON_LINK.primary}>
            {words.deploy}
          </Link>
        }
      />
    </div>
  )
}

type ChoicesProps = Pick<PickerProps, 'device' | 'onChoose'> & { choices: readonly Choice[] }

function Choices({ choices, device, onChoose }: ChoicesProps) {
  const shown = choices.slice(0, SHOWN_MAX)
  return (
    <fieldset className="max-h-64 overflow-y-auto py-1">
      <legend className="sr-only">{words.legend}</legend>
      {shown.map(({ name, site, reason }) => (
        <label
          key={name}
          className={cn(
            'flex items-center gap-3 px-4 py-2 text-sm',
            reason === undefined ? 'cursor-pointer hover:bg-raised' : 'cursor-not-allowed',
          )}
        >
          <input
            type="radio"
            name="device"
            value={name}
            checked={name === device}
            disabled={reason !== undefined}
            onChange={() => onChoose(name)}
            className="size-4 accent-accent"
          />
          <span className={cn('min-w-0 font-medium wrap-anywhere', reason !== undefined && 'text-soft')}>{name}</span>
          <span className="min-w-0 shrink text-soft wrap-anywhere">{site}</span>
          {reason !== undefined && <span className="ml-auto shrink-0 text-xs text-soft">{reason}</span>}
        </label>
      ))}
      {choices.length > shown.length && (
        <p className="px-4 py-2 text-xs text-soft">{words.more(choices.length - shown.length)}</p>
      )}
    </fieldset>
  )
}
