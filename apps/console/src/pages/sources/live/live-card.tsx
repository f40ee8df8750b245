/**
 * Live card: the values of a source on a device. A person can filter and pause them. Values are old if the device does
 * not answer.
 */
import { ProblemError } from '@skerry/client/problem'
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { holdsWords } from '@skerry/core/language/row-language'
import { type TagRow, tagRowsOf } from '@skerry/core/tags/tag-rows'
import { Pause, Play } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { LiveBadge } from '../../../components/facts/live-badge.tsx'
import { FilterInput } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { DataTable, type Sort } from '../../../components/rows/data-table.tsx'
import { liveTexts } from '../../../texts/english-live.ts'
import { liveSourceTexts as words } from './english-live-source.ts'
import { FiguresCard } from './figures-card.tsx'
import { liveColumns } from './live-columns.tsx'
import { leftOut, liveRows, turnsOf } from './live-rows.ts'
import { TrendCard } from './trend-card.tsx'
import { type Live, useLive } from './use-live.ts'
import { WriteDialog } from './write-dialog.tsx'

type CardProps = { connection: Connection; spec: ConnectionSpec; device: string }

export function LiveCard({ connection, spec, device }: CardProps) {
  const tags = useMemo(() => tagRowsOf(spec), [spec])
  const [text, setText] = useState('')
  const [sort, setSort] = useState<Sort>()
  const [isPaused, setPaused] = useState(false)
  const [written, setWritten] = useState<string>()
  const asked = useDeferredValue(text)
  const shown = useMemo(() => tags.filter((tag) => isMeant(tag, asked)), [tags, asked])
  const turns = useMemo(
    () =>
      turnsOf(
        shown.map(({ name }) => name),
        tags.length,
      ),
    [shown, tags.length],
  )
  const live = useLive({ device, source: connection.name, turns, isPaused })
  const rows = useMemo(() => liveRows(shown, live.known), [shown, live.known])
  const columns = useMemo(() => liveColumns(setWritten), [])
  const bad = rows.filter(({ heard }) => heard?.reading.value.quality === 'bad').length
  const row = rows.find(({ name }) => name === written)
  const isEmpty = live.heardAtMs === undefined
  return (
    <>
      {live.look && <FiguresCard look={live.look} />}
      <TrendCard rows={rows} known={live.known} />
      <section className="card flex min-h-72 flex-col overflow-hidden">
        <header className="flex flex-wrap items-center gap-3 border-b border-line p-3">
          <h2 className="sr-only">{words.card}</h2>
          <FilterInput
            className="min-w-40 flex-1"
            label={words.filter}
            placeholder={words.placeholder}
            value={text}
            onChange={setText}
          />
          <span className="text-xs text-soft tabular">{words.count(rows.length, bad)}</span>
          <LiveBadge
            {...{
              heardAtMs: live.heardAtMs,
              hasProblem: live.problem !== undefined,
              isPaused,
              isHidden: live.isHidden,
            }}
            hint={turns.length > 1 ? words.inTurn(turns.length) : liveTexts.hint}
          />
          <Button isSmall onClick={() => setPaused(!isPaused)}>
            {isPaused ? <Play size={13} aria-hidden /> : <Pause size={13} aria-hidden />}
            {isPaused ? liveTexts.goOn : liveTexts.pause}
          </Button>
        </header>
        {!isEmpty && live.problem && <Trouble message={live.problem.message} />}
        {leftOut(shown.length) > 0 && (
          <p className="border-b border-line px-4 py-2 text-sm text-soft">{words.leftOut(leftOut(shown.length))}</p>
        )}
        {shown.length === 0 && <p className="p-4 text-sm text-soft">{words.noMatch}</p>}
        {shown.length > 0 && isEmpty && <Before live={live} />}
        {shown.length > 0 && !isEmpty && (
          <DataTable label={words.card} {...{ rows, columns, sort }} rowKey={nameOf} onSort={setSort} />
        )}
        {row && (
          <WriteDialog row={row} source={connection.name} device={device} onClose={() => setWritten(undefined)} />
        )}
      </section>
    </>
  )
}

const nameOf = ({ name }: TagRow) => name

const isMeant = ({ name, group, where, unit }: TagRow, text: string) =>
  holdsWords(`${name} ${group} ${where} ${unit ?? ''}`, text)

/** Shown until the first answer arrives. */
const Before = ({ live: { problem } }: { live: Live }) =>
  problem ? <Failure error={new ProblemError(problem)} /> : <Loading rows={6} />

const Trouble = ({ message }: { message: string }) => (
  <p role="alert" className="border-b border-line px-4 py-2 text-sm wrap-anywhere text-bad">
    {message}
  </p>
)
