/** New token: asks for the site and the limits, and shows the token this once, with the command that uses it. */
import { problemOf } from '@skerry/client/problem'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { QrCode } from './qr-code.tsx'
import { ShownOnce } from './shown-once.tsx'

const words = texts.settings.tokens

type Wish = { site: string; usesMax: number; expiresInSeconds: number; approval: 'auto' | 'manual' }

/** Shown while it is in the page. */
export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const { data: sites } = useQuery(queries.sites())
  const [wish, setWish] = useState<Wish>({ site: '', usesMax: 1, expiresInSeconds: 86_400, approval: 'auto' })
  const [error, setError] = useState<string>()
  const [token, setToken] = useState<string>()
  const site = wish.site || sites?.[0]?.name || ''
  const make = async () => {
    try {
      if (sites?.length === 0) await hub.site.apply({ name: site, kind: 'edge' })
      setToken((await hub.token.create({ ...wish, site })).token)
    } catch (thrown) {
      setError(problemOf(thrown).message)
    }
  }
  if (token !== undefined) return <MadeToken token={token} onClose={onClose} />
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.createTitle}
      lead={words.createLead}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" onClick={() => void make()}>
            {words.create}
          </Button>
        </>
      }
    >
      <TokenFields wish={{ ...wish, site }} sites={sites?.map(({ name }) => name)} onChange={setWish} error={error} />
    </Dialog>
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
      <Field label={words.expires}>
        {(control) => (
          <Select
            {...control}
            value={wish.expiresInSeconds}
            onChange={(event) => set({ expiresInSeconds: Number(event.target.value) })}
          >
            {Object.entries(words.lives).map(([seconds, text]) => (
              <option key={seconds} value={seconds}>
                {text}
              </option>
            ))}
          </Select>
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

const MadeToken = ({ token, onClose }: { token: string; onClose: () => void }) => (
  <Dialog
    isOpen
    isWide
    onClose={onClose}
    title={words.made}
    lead={words.shownOnce}
    footer={<Button onClick={onClose}>{texts.common.close}</Button>}
  >
    <div className="grid items-start gap-5 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="flex min-w-0 flex-col gap-2">
        <p className="text-sm text-soft">{words.run}</p>
        <ShownOnce value={`skerry agent --join ${token}`} what={words.made} />
      </div>
      <figure className="flex flex-col items-center gap-2">
        <QrCode text={token} />
        <figcaption className="text-xs text-soft">{words.scan}</figcaption>
      </figure>
    </div>
  </Dialog>
)
