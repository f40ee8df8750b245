/** Git source actions: synchronise, accept a commit, pause, resume and remove. */
import { problemOf } from '@skerry/client/problem'
import type { GitSource } from '@skerry/contract/git-sources/git-source'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { gitSourcesTexts as words } from './english-git-sources.ts'
import { gitSourceQueries } from './git-source-queries.ts'
import { shortHash } from './git-source-state.tsx'

type Act = 'accept' | 'pause' | 'resume' | 'remove'

export function GitSourceActions({ source }: { source: GitSource }) {
  const [asked, setAsked] = useState<{ act: Act; source: GitSource }>()
  const client = useQueryClient()
  const { name, state, head } = source
  const refresh = () => client.invalidateQueries({ queryKey: gitSourceQueries.list().queryKey })
  const sync = async () => {
    try {
      await hub.gitSource.sync({ name })
      toast('good', words.syncing(name))
      await refresh()
    } catch (error) {
      toast('bad', problemOf(error).message)
    }
  }
  const ask = (act: Act) => setAsked({ act, source })
  const canAccept = head !== undefined && (state === 'drifted' || state === 'waiting')
  return (
    <>
      <GuardedButton permission="git.write" onClick={() => void sync()}>
        {words.sync}
      </GuardedButton>
      {canAccept && (
        <GuardedButton permission="git.write" onClick={() => ask('accept')}>
          {words.accept}
        </GuardedButton>
      )}
      <GuardedButton permission="git.write" onClick={() => ask(state === 'paused' ? 'resume' : 'pause')}>
        {state === 'paused' ? words.resume : words.pause}
      </GuardedButton>
      <GuardedButton permission="git.write" look="danger" onClick={() => ask('remove')}>
        {words.remove}
      </GuardedButton>
      {asked && <Question {...asked} onDone={refresh} onClose={() => setAsked(undefined)} />}
    </>
  )
}

type QuestionProps = { act: Act; source: GitSource; onDone: () => Promise<unknown>; onClose: () => void }

function Question({ act, source, onDone, onClose }: QuestionProps) {
  const navigate = useNavigate()
  const { name, head, differing, problem } = source
  const finish = async (done: Promise<unknown>) => {
    await done
    await onDone()
  }
  switch (act) {
    case 'accept':
      return (
        <Confirmation
          title={words.acceptTitle(shortHash(head?.hash ?? ''))}
          lead={words.acceptLead(problem?.message)}
          verb={words.accept}
          isDanger
          run={() => finish(hub.gitSource.sync({ name, ...(head && { accept: head.hash }) }))}
          done={words.accepted(name)}
          onClose={onClose}
        />
      )
    case 'pause':
      return (
        <Confirmation
          title={words.pauseTitle(name)}
          lead={words.pauseLead}
          verb={words.pause}
          needsReason
          run={(reason) => finish(hub.gitSource.pause({ name, reason }))}
          done={words.paused(name)}
          onClose={onClose}
        />
      )
    case 'resume':
      return (
        <Confirmation
          title={words.resumeTitle(name)}
          lead={words.resumeLead(differing)}
          verb={words.resume}
          run={() => finish(hub.gitSource.resume({ name }))}
          done={words.resumed(name)}
          onClose={onClose}
        />
      )
    case 'remove':
      return (
        <Confirmation
          title={words.removeTitle(name)}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={async () => {
            await hub.gitSource.remove({ name })
            await navigate({ to: '/git-sources' })
            await onDone()
          }}
          done={words.removed(name)}
          onClose={onClose}
        />
      )
  }
}
