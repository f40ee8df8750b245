/** Places card: the three places whose settings count on a device, each with the form that changes it. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { SettingsLayer } from '@skerry/contract/settings/device-settings'
import { unitedSettings } from '@skerry/core/settings/layered-settings'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { useRefusal } from '../../../hub/permission.ts'
import { agentQueries } from '../../settings/agents/agent-queries.ts'
import { agentsTexts as words } from '../../settings/agents/english-agents.ts'
import { SettingsDialog } from '../../settings/agents/settings-dialog.tsx'

/** A caller with a scope cannot change settings, so the card is absent. */
export function PlacesCard({ device }: { device: DeviceDetail }) {
  const refusal = useRefusal('fleet.read', 'settings.set')
  return refusal === undefined ? <Places device={device} /> : null
}

function Places({ device: { name, site } }: { device: DeviceDetail }) {
  const { data } = useQuery(agentQueries.layers())
  const [asked, setAsked] = useState<string>()
  const places = ['organisation', `site:${site}`, `device:${name}`]
  if (!data) return null
  return (
    <Card title={words.places} isFlush>
      <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{words.placesHint}</p>
      <PlainTable
        label={words.places}
        headers={[words.columns.place, words.columns.settings, words.columns.acts]}
        rows={places.map((scope) => ({
          key: scope,
          cells: [
            words.place(scope),
            namesOf(data.find((layer) => layer.scope === scope)),
            <GuardedButton
              key="change"
              isSmall
              permission="device.write"
              aria-label={words.changeLabel(words.place(scope))}
              onClick={() => setAsked(scope)}
            >
              {words.change}
            </GuardedButton>,
          ],
        }))}
      />
      {asked !== undefined && (
        <SettingsDialog
          scope={asked}
          layers={data}
          above={places.slice(0, places.indexOf(asked))}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Card>
  )
}

const namesOf = (layer: SettingsLayer | undefined) =>
  layer
    ? unitedSettings([layer])
        .origins.map(({ setting }) => words.labelOf(setting))
        .join(', ')
    : words.notSet
