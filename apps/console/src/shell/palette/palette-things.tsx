/** Palette things: the things of the fleet whose name contains the typed text. Nothing is found before somebody types. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Boxes, Cable, Group, type LucideIcon, MapPin, Rocket, Send, Server, Waypoints } from 'lucide-react'
import type { ReactNode } from 'react'
import { HealthBadge, RolloutBadge } from '../../components/facts/badge.tsx'
import { queries } from '../../hub/queries.ts'
import { groupQueries } from '../../pages/groups/group-queries.ts'
import { sinkQueries } from '../../pages/sinks/sink-queries.ts'
import { sourceQueries } from '../../pages/sources/source-queries.ts'
import { paletteTexts as words } from './english-palette.ts'
import { type Go, PaletteGroup, PaletteItem } from './palette-parts.tsx'
import { paletteRank } from './palette-rank.ts'

/** A palette shows no more. Typing narrows the list. */
const FOUND_MAX = 30

export function FoundThings({ text, go }: { text: string; go: Go }) {
  const search = text.trim()
  if (search === '') return null
  return (
    <>
      <FoundSites search={search} go={go} />
      <FoundDevices search={search} go={go} />
      <FoundGroups search={search} go={go} />
      <FoundModels search={search} go={go} />
      <FoundDeployments search={search} go={go} />
      <FoundRollouts search={search} go={go} />
      <FoundSources search={search} go={go} />
      <FoundSinks search={search} go={go} />
    </>
  )
}

type Part = { search: string; go: Go }

type Thing = { key: string; name: string; shown?: string; aside?: ReactNode; open: () => unknown }

type FoundProps = { kind: string; heading: string; icon: LucideIcon; search: string; go: Go; things: readonly Thing[] }

/** The best of the things, so that a long list does not hide the thing with exactly this name. */
function Found({ kind, heading, icon, search, go, things }: FoundProps) {
  const ranked = things
    .map((thing) => ({ thing, rank: paletteRank(kind, search, [thing.name]) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, FOUND_MAX)
  return (
    <PaletteGroup heading={heading}>
      {ranked.map(({ thing: { key, name, shown = name, aside, open } }) => (
        <PaletteItem key={key} value={`${kind} ${key}`} name={name} icon={icon} aside={aside} onSelect={go(open)}>
          {shown}
        </PaletteItem>
      ))}
    </PaletteGroup>
  )
}

function FoundSites(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(queries.siteStates())
  const things = data.map(({ site }) => ({
    key: site,
    name: site,
    open: () => navigate({ to: '/sites/$site', params: { site } }),
  }))
  return <Found {...part} kind="site" heading={words.sites} icon={MapPin} things={things} />
}

function FoundDevices(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(queries.devices(undefined))
  const things = data.map((device) => ({
    key: device.id,
    name: `${device.name} ${device.site}`,
    shown: words.device(device.name, device.site),
    aside: <HealthBadge device={device} isPlain />,
    open: () => navigate({ to: '/devices/$device', params: { device: device.name } }),
  }))
  return <Found {...part} kind="device" heading={words.devices} icon={Server} things={things} />
}

function FoundGroups(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(groupQueries.list())
  const things = data.map(({ name }) => ({
    key: name,
    name,
    open: () => navigate({ to: '/groups/$group', params: { group: name } }),
  }))
  return <Found {...part} kind="group" heading={words.groups} icon={Group} things={things} />
}

function FoundModels(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(queries.models())
  const things = data.map(({ name }) => ({
    key: name,
    name,
    open: () => navigate({ to: '/models/$model', params: { model: name } }),
  }))
  return <Found {...part} kind="model" heading={words.models} icon={Boxes} things={things} />
}

function FoundDeployments(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(queries.deployments())
  const things = data.map(({ id, name, spec, rolloutStatus, pausedBy }) => ({
    key: id,
    name: name === spec.deployable ? name : `${name} ${spec.deployable}`,
    shown: name,
    aside: <RolloutBadge status={rolloutStatus} pausedBy={pausedBy} isPlain />,
    open: () => navigate({ to: '/deployments/$deployment', params: { deployment: name } }),
  }))
  return <Found {...part} kind="deployment" heading={words.deployments} icon={Rocket} things={things} />
}

function FoundRollouts(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(queries.rollouts())
  const things = data.map(({ id, deployment, revision, status }) => ({
    key: id,
    name: `${deployment} ${revision}`,
    shown: words.rollout(deployment, revision),
    aside: <RolloutBadge status={status} isPlain />,
    open: () => navigate({ to: '/rollouts/$rollout', params: { rollout: id } }),
  }))
  return <Found {...part} kind="rollout" heading={words.rollouts} icon={Waypoints} things={things} />
}

function FoundSources(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(sourceQueries.list())
  const things = data.map(({ id, name, scope }) => ({
    key: id,
    name,
    shown: words.connection(name, scope),
    open: () => navigate({ to: '/sources/$source', params: { source: id } }),
  }))
  return <Found {...part} kind="source" heading={words.sources} icon={Cable} things={things} />
}

function FoundSinks(part: Part) {
  const navigate = useNavigate()
  const { data = [] } = useQuery(sinkQueries.list())
  const things = data.map(({ id, name, scope }) => ({
    key: id,
    name,
    shown: words.connection(name, scope),
    open: () => navigate({ to: '/sinks/$sink', params: { sink: id } }),
  }))
  return <Found {...part} kind="sink" heading={words.sinks} icon={Send} things={things} />
}
