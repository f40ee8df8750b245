/** Pair card: the pairs of a site or of a device, with a picture of the two members and the witness. */
import type { Pair } from '@skerry/contract/pairs/pair'
import { useQuery } from '@tanstack/react-query'
import { Card, Facts } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { texts } from '../../texts/english.ts'
import { pairTexts as words } from './english-pairs.ts'
import { PairPicture } from './pair-picture.tsx'
import { pairQuery } from './pair-queries.ts'
import { SwitchOver } from './switch-over.tsx'

/** Nothing if there is no pair here. A caller whose role has a scope cannot see pairs. */
export function PairCards({ site, device }: { site?: string; device?: string }) {
  const { data } = useQuery(pairQuery)
  const isHere = ({ devices }: Pair) =>
    devices.some((one) => (site !== undefined && one.site === site) || one.device === device)
  return data?.filter(isHere).map((pair) => <PairCard key={pair.id} pair={pair} />)
}

function PairCard({ pair }: { pair: Pair }) {
  const { name, spec, state, active, problems, switchTo } = pair
  const other = spec.members.find((member) => member !== active?.device)
  const none = <span className="text-faint">{texts.common.none}</span>
  return (
    <Card title={words.title(name)} aside={<SwitchOver pair={pair} />}>
      <PairPicture pair={pair} />
      <p className={state === 'protected' ? 'mt-2 text-sm text-soft' : 'mt-2 text-sm text-bad'}>
        {words.states[state]}
      </p>
      <ul className="my-1 text-sm text-soft">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
      <Facts
        rows={[
          [words.address, words.on(spec.address, spec.interface)],
          [words.since, active ? <Instant key="since" ms={active.sinceMs} isAbsolute /> : none],
          [words.reason, active ? words.reasons[active.reason] : none],
          [words.epoch, active ? texts.common.number(active.epoch) : none],
        ]}
      />
      {switchTo !== undefined && <p className="mt-2 text-sm">{words.switchTo(switchTo)}</p>}
      {other !== undefined && active && <p className="mt-2 text-xs text-faint">{words.hint(name, other)}</p>}
    </Card>
  )
}
