/** New token: the site and the limits of a token. It shows the token only once, with the command that uses it. */
import type { DeviceInstallation } from '@skerry/contract/joining/device-installation'
import { type JoinToken, Network } from '@skerry/contract/joining/join'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { queries } from '../../../hub/queries.ts'
import { settingsTexts } from '../english-settings.ts'
import { NewSecretDialog } from '../secrets/new-secret-dialog.tsx'
import { LifeField } from './life-field.tsx'
import { MadeToken } from './made-token.tsx'

const words = settingsTexts.tokens

type Wish = { site: string; usesMax: number; expiresInSeconds: number; approval: 'auto' | 'manual'; networks: string }

/** Shown while it is in the page. `site` is the initial choice. */
export function NewTokenDialog({ site: wanted = '', onClose }: { site?: string; onClose: () => void }) {
  const { data: sites } = useQuery(queries.sites())
  const cache = useQueryClient()
  const [wish, setWish] = useState<Wish>({
    site: wanted,
    usesMax: 1,
    expiresInSeconds: 86_400,
    approval: 'auto',
    networks: '',
  })
  const [record, setRecord] = useState<JoinToken>()
  const [installation, setInstallation] = useState<DeviceInstallation>()
  const site = wish.site || sites?.[0]?.name || ''
  const make = async () => {
    const networks = networksOf(wish.networks)
    if (sites?.length === 0 && site === '') throw new Error(words.noSite)
    if (sites?.length === 0) await hub.site.apply({ name: site, kind: 'edge' })
    // A quick person confirms the dialog before it knows the sites.
    const first = site || (await cache.ensureQueryData(queries.sites()))[0]?.name || ''
    const made = await hub.token.create({ ...wish, site: first, networks })
    setRecord(made.record)
    setInstallation(made.installation)
    return made.token
  }
  const made = (token: string) => (
    <MadeToken token={token} record={record} installation={installation} onClose={onClose} />
  )
  return (
    <NewSecretDialog words={words} make={make} made={made} onClose={onClose}>
      {(error) => (
        <TokenFields wish={{ ...wish, site }} sites={sites?.map(({ name }) => name)} onChange={setWish} error={error} />
      )}
    </NewSecretDialog>
  )
}

type FieldsProps = {
  wish: Wish
  sites: string[] | undefined
  onChange: (wish: Wish) => void
  error: string | undefined
}

function TokenFields({ wish, sites, onChange, error }: FieldsProps) {
  const set = (change: Partial<Wish>) => onChange({ ...wish, ...change })
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={words.site} error={error} {...(sites?.length === 0 && { hint: words.noSite })}>
        {(control) =>
          sites?.length === 0 ? (
            <input
              {...control}
              className={INPUT}
              value={wish.site}
              onChange={(event) => set({ site: event.target.value })}
            />
          ) : (
            <Select {...control} value={wish.site} onChange={(event) => set({ site: event.target.value })}>
              {sites?.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )
        }
      </Field>
      <Field label={words.uses}>
        {(control) => (
          <input
            {...control}
            type="number"
            min={1}
            max={100_000}
            className={INPUT}
            value={wish.usesMax}
            onChange={(event) => set({ usesMax: Math.max(1, event.target.valueAsNumber || 1) })}
          />
        )}
      </Field>
      <LifeField
        label={words.expires}
        lives={words.lives}
        seconds={wish.expiresInSeconds}
        onChange={(expiresInSeconds) => set({ expiresInSeconds })}
      />
      <Field label={words.networks} hint={words.networksHint}>
        {(control) => (
          <input
            {...control}
            className={INPUT}
            spellCheck={false}
            autoComplete="off"
            value={wish.networks}
            onChange={(event) => set({ networks: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.approval}>
        {(control) => (
          <Select
            {...control}
            value={wish.approval}
            onChange={(event) => set({ approval: event.target.value === 'manual' ? 'manual' : 'auto' })}
          >
            {Object.entries(words.approvals).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  )
}

/** Splits a text at commas or spaces. Throws at the first part that is no network. */
function networksOf(text: string): string[] {
  const networks = text.split(/[\s,]+/).filter(Boolean)
  const wrong = networks.find((network) => !Network.safeParse(network).success)
  if (wrong !== undefined) throw new Error(words.noNetwork(wrong))
  return networks
}
