/** Save bar: saves a source or a sink if it is unchanged since the start of the edit. Otherwise it shows the reason. */
import { problemOf } from '@skerry/client/problem'
import type { Connection, ConnectionKind, ConnectionSpec } from '@skerry/contract/connections/connection'
import { connectionTag } from '@skerry/contract/values/entity-tag'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { sourcesTexts } from './english-sources.ts'
import { placeMissing } from './place-fields.tsx'

const words = sourcesTexts.edit

type SaveProps = {
  kind: ConnectionKind
  known: Connection | undefined
  scope: string
  sound: ConnectionSpec | undefined
}

export function SaveBar({ kind, known, scope, sound }: SaveProps) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const unplaced = placeMissing(scope)
  const isReady = sound !== undefined && unplaced === undefined && !isBusy
  const save = async () => {
    if (!sound) return
    setBusy(true)
    setFailure(undefined)
    try {
      const context = known ? { ifMatch: connectionTag(known) } : { ifNoneMatch: '*' as const }
      const { change, connection } = await hub[kind].set({ name: sound.name, scope, spec: sound }, { context })
      toast('good', change === 'unchanged' ? words.same(sound.name) : words.saved(sound.name, connection.version))
      await client.invalidateQueries({ queryKey: ['sources'] })
      await navigate(pageOf(kind, connection))
    } catch (error) {
      const { code, message } = problemOf(error)
      const stale = known ? words.stale : words.taken(kind)
      setFailure(code === 'revision_stale' ? stale : message)
      setBusy(false)
    }
  }
  const leave = () => navigate(known ? pageOf(kind, known) : { to: `/${kind}s` })
  return (
    <div className="flex flex-col gap-3">
      {failure !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {failure}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={() => void leave()}>{words.cancel}</Button>
        <GuardedButton
          permission="connection.write"
          look="primary"
          blocked={isReady ? undefined : ((sound && unplaced) ?? words.waiting)}
          onClick={() => void save()}
        >
          {words.save}
        </GuardedButton>
      </div>
    </div>
  )
}

const pageOf = (kind: ConnectionKind, { id }: Pick<Connection, 'id'>) =>
  kind === 'source'
    ? ({ to: '/sources/$source', params: { source: id } } as const)
    : ({ to: '/sinks/$sink', params: { sink: id } } as const)
