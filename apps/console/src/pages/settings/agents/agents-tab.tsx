/** Agents tab: the settings of agents for the organisation and its sites. Each device has its own on its page. */
import type { SettingsLayer } from '@skerry/contract/settings/device-settings'
import { unitedSettings } from '@skerry/core/settings/layered-settings'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { Hidden } from '../../../components/hidden.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { useRefusal } from '../../../hub/permission.ts'
import { SiteSelect } from '../site-select.tsx'
import { agentQueries } from './agent-queries.ts'
import { DriftText } from './drift-text.tsx'
import { agentsTexts as words } from './english-agents.ts'
import { SettingsDialog } from './settings-dialog.tsx'

export function AgentsTab() {
  const refusal = useRefusal('fleet.read', 'settings.list')
  return refusal === undefined ? <Agents /> : <Hidden reason={refusal} />
}

type Asked = { act: 'set' } | { act: 'change'; scope: string }

function Agents() {
  const { data, error, refetch } = useQuery(agentQueries.layers())
  const [asked, setAsked] = useState<Asked>()
  const onClose = () => setAsked(undefined)
  const set = (
    <GuardedButton isSmall permission="device.write" onClick={() => setAsked({ act: 'set' })}>
      {words.set}
    </GuardedButton>
  )
  return (
    <div className="overflow-y-auto">
      <Card title={words.title} aside={set} isFlush>
        <p className="border-b border-line px-4 py-2 text-xs text-soft">{words.lead}</p>
        {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
        {data?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
        {data && data.length > 0 && (
          <PlainTable
            label={words.title}
            headers={Object.values(words.columns)}
            wideOnly={[words.columns.changed]}
            rows={data.map((layer) => ({
              key: layer.scope,
              cells: cellsOf(layer, () => setAsked({ act: 'change', scope: layer.scope })),
            }))}
          />
        )}
      </Card>
      {data && asked?.act === 'set' && <PlaceDialog layers={data} onClose={onClose} />}
      {data && asked?.act === 'change' && (
        <SettingsDialog scope={asked.scope} layers={data} above={aboveOf(asked.scope)} onClose={onClose} />
      )}
    </div>
  )
}

const aboveOf = (scope: string) => (scope === 'organisation' ? [] : ['organisation'])

/** The settings as one text. */
const summaryOf = (layer: SettingsLayer) =>
  unitedSettings([layer])
    .origins.map(({ setting, value }) =>
      setting.includes(' ') ? words.labelOf(setting) : `${words.labelOf(setting)}: ${words.valueOf(setting, value)}`,
    )
    .join(', ')

function cellsOf(layer: SettingsLayer, onChange: () => void) {
  const { scope, changedAtMs, changedBy } = layer
  const [kind, name = ''] = scope.split(':')
  const place = words.place(scope)
  return [
    place,
    <span key="settings" className="wrap-anywhere">
      {summaryOf(layer)}
    </span>,
    <DriftText key="drift" layer={layer} />,
    <span key="changed" className="text-soft">
      <Instant ms={changedAtMs} /> {words.by(changedBy)}
    </span>,
    kind === 'device' ? (
      <Link
        key="acts"
        to="/devices/$device"
        params={{ device: name }}
        search={{ tab: 'settings' }}
        className="text-accent"
      >
        {words.onDevice}
      </Link>
    ) : (
      <GuardedButton
        key="acts"
        isSmall
        permission="device.write"
        aria-label={words.changeLabel(place)}
        onClick={onChange}
      >
        {words.change}
      </GuardedButton>
    ),
  ]
}

type Kind = keyof typeof words.dialog.kinds

/** First a place, then its settings. */
function PlaceDialog({ layers, onClose }: { layers: readonly SettingsLayer[]; onClose: () => void }) {
  const [kind, setKind] = useState<Kind>('organisation')
  const [site, setSite] = useState('')
  const scope = kind === 'organisation' ? kind : `site:${site}`
  const kinds = Object.entries(words.dialog.kinds) as [Kind, string][]
  return (
    <SettingsDialog key={scope} scope={scope} layers={layers} above={aboveOf(scope)} onClose={onClose}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words.dialog.for}>
          {(control) => (
            <Select
              {...control}
              value={kind}
              onChange={({ target }) => setKind(kinds.find(([each]) => each === target.value)?.[0] ?? kind)}
            >
              {kinds.map(([each, text]) => (
                <option key={each} value={each}>
                  {text}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {kind === 'site' && <SiteSelect label={words.dialog.site} value={site} onChange={setSite} />}
      </div>
    </SettingsDialog>
  )
}
