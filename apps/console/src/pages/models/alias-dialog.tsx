/** Alias dialog: points an alias to a version, and says before what that changes, and what it does not. */
import type { CallContext } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { Model } from '@skerry/contract/models/model'
import { aliasTag } from '@skerry/contract/values/entity-tag'
import { Name } from '@skerry/contract/values/names'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { modelTexts } from './english-models.ts'
import { modelQueries } from './model-queries.ts'

const words = modelTexts.alias

type AliasDialogProps = {
  model: string
  /** The alias that is moved; absent for one that is named here. */
  alias?: string
  /** The version that it shall point to, to begin with. */
  version: number
  onClose: () => void
}

/** Shown while it is in the page. */
export function AliasDialog({ model, alias: moved, version, onClose }: AliasDialogProps) {
  const [alias, setAlias] = useState(moved ?? '')
  const [target, setTarget] = useState(String(version))
  const [error, setError] = useState<string>()
  const { data: versions } = useQuery(modelQueries.versions(model))
  const parsed = Name.safeParse(alias.trim().replace(/^@/, ''))
  const { data: current } = useQuery(queries.model(model))
  const isThere = parsed.success && current?.model.aliases[parsed.data] === Number(target)
  const stays = isThere ? words.stays(parsed.data, Number(target)) : undefined
  const save = async () => {
    if (!parsed.success) return setError(parsed.error.issues[0]?.message)
    try {
      const wanted = { model, alias: parsed.data, version: target }
      const { version: number } = await hub.model.setAlias(wanted, { context: meantFor(current?.model, parsed.data) })
      toast('good', words.done(parsed.data, number))
      onClose()
    } catch (thrown) {
      setError(problemOf(thrown).message)
    }
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={moved === undefined ? words.newTitle(model) : words.moveTitle(moved)}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" blocked={stays} onClick={() => void save()}>
            {words.confirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {moved === undefined && (
          <Field label={words.name} hint={words.nameHint} error={error}>
            {(control) => (
              <input
                {...control}
                className={INPUT}
                spellCheck={false}
                autoComplete="off"
                value={alias}
                onChange={(event) => {
                  setAlias(event.target.value)
                  setError(undefined)
                }}
              />
            )}
          </Field>
        )}
        <Field label={words.version} error={moved === undefined ? undefined : error}>
          {(control) => (
            <Select {...control} value={target} onChange={(event) => setTarget(event.target.value)}>
              {(versions ?? [{ version }]).map(({ version: number }) => (
                <option key={number} value={number}>
                  {texts.models.version(number)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {parsed.success && <WhatChanges model={model} alias={parsed.data} to={Number(target)} />}
      </div>
    </Dialog>
  )
}

/** What the dialog says of the alias is what it must be: where it points, or that it is new. */
function meantFor(model: Model | undefined, alias: string): CallContext {
  const ifMatch = model && aliasTag(model, alias)
  return ifMatch === undefined ? { ifNoneMatch: '*' } : { ifMatch }
}

/** What the alias means now and then, and which deployments name it. */
function WhatChanges({ model, alias, to }: { model: string; alias: string; to: number }) {
  const { data } = useQuery(queries.model(model))
  const { data: deployments } = useQuery(queries.deployments())
  const from = data?.model.aliases[alias]
  const naming = deployments?.filter(({ spec }) => spec.model === model && spec.version === `@${alias}`) ?? []
  const change = from === undefined ? words.begins(alias, to) : words.moves(alias, from, to)
  return (
    <div role="status" className="rounded-lg bg-raised p-3 text-sm">
      <p className="font-medium">{from === to ? words.stays(alias, to) : change}</p>
      <p className="mt-1 text-soft">{naming.length > 0 ? words.deployments : words.noDeployments}</p>
      {naming.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-2">
          {naming.map(({ id, name, version }) => (
            <li key={id}>
              <Link to="/deployments/$deployment" params={{ deployment: name }} className="text-accent hover:underline">
                {name} ({texts.models.version(version)})
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
