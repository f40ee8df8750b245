/** Running facts: where a version runs and how well, in one line of numbers. */
import type { ServingSummary } from '@skerry/core/models/serving-summary'
import type { ReactNode } from 'react'
import { durationText } from '../../../components/charts/amounts.ts'
import { cn } from '../../../components/class-names.ts'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'

const words = modelTexts.running

/** More sites are in the tooltip. */
const SITES_SHOWN = 2

export function RunningFacts({ summary }: { summary: ServingSummary }) {
  const { devices, online, sites, requests, failures, p50Us, p99Us } = summary
  const silent = devices - online
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 py-3 sm:grid-cols-[repeat(auto-fit,minmax(7rem,1fr))]">
      <Figure name={words.online} note={silent > 0 ? words.silent(silent) : undefined} isBad={silent > 0}>
        {words.of(online, devices)}
      </Figure>
      <Figure name={words.sites} note={sitesNote(sites)} hint={sites.map(siteText).join('\n')}>
        {texts.common.number(sites.length)}
      </Figure>
      <Figure name={words.requests} note={words.since}>
        {texts.common.number(requests)}
      </Figure>
      <Figure
        name={words.errors}
        note={requests === 0 ? undefined : words.share(failures, requests)}
        isBad={failures > 0}
      >
        {texts.common.number(failures)}
      </Figure>
      <Figure name={words.p50} hint={words.p50Hint}>
        {durationText(p50Us)}
      </Figure>
      <Figure name={words.p99} hint={words.p99Hint}>
        {durationText(p99Us)}
      </Figure>
    </dl>
  )
}

type Site = ServingSummary['sites'][number]

const siteText = ({ site, devices }: Site) => `${site}: ${texts.version.runningCount(devices)}`

function sitesNote(sites: readonly Site[]): string {
  const shown = sites.slice(0, SITES_SHOWN).map(({ site }) => site)
  const rest = sites.length - shown.length
  return [...shown, ...(rest > 0 ? [words.moreSites(rest)] : [])].join(', ')
}

type FigureProps = { name: string; note?: string | undefined; hint?: string; isBad?: boolean; children: ReactNode }

function Figure({ name, note, hint, isBad, children }: FigureProps) {
  const figure = (
    <div className="flex min-w-0 flex-col">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="text-base leading-snug font-semibold tabular">{children}</dd>
      {note !== undefined && note !== '' && (
        <dd className={cn('truncate text-xs', isBad ? 'text-warn' : 'text-soft')}>{note}</dd>
      )}
    </div>
  )
  return hint === undefined || hint === '' ? figure : <Tooltip text={hint}>{figure}</Tooltip>
}
