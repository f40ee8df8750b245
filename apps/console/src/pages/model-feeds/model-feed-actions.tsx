/** Model feed actions: check now, pause, resume and remove. */
import { problemOf } from '@skerry/client/problem'
import type { ModelFeed } from '@skerry/contract/model-feeds/model-feed'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { modelFeedsTexts as words } from './english-model-feeds.ts'
import { modelFeedQueries } from './model-feed-queries.ts'

type Act = 'pause' | 'resume' | 'remove'

export function ModelFeedActions({ feed: { name, state } }: { feed: ModelFeed }) {
  const [asked, setAsked] = useState<Act>()
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: modelFeedQueries.list().queryKey })
  const check = async () => {
    try {
      await hub.modelFeed.sync({ name })
      toast('good', words.checking(name))
      await refresh()
    } catch (error) {
      toast('bad', problemOf(error).message)
    }
  }
  return (
    <>
      {state !== 'paused' && (
        <GuardedButton permission="model.write" onClick={() => void check()}>
          {words.check}
        </GuardedButton>
      )}
      <GuardedButton permission="model.write" onClick={() => setAsked(state === 'paused' ? 'resume' : 'pause')}>
        {state === 'paused' ? words.resume : words.pause}
      </GuardedButton>
      <GuardedButton permission="model.write" look="danger" onClick={() => setAsked('remove')}>
        {words.remove}
      </GuardedButton>
      {asked && <Question act={asked} name={name} onDone={refresh} onClose={() => setAsked(undefined)} />}
    </>
  )
}

type QuestionProps = { act: Act; name: string; onDone: () => Promise<unknown>; onClose: () => void }

function Question({ act, name, onDone, onClose }: QuestionProps) {
  const navigate = useNavigate()
  const finish = async (done: Promise<unknown>) => {
    await done
    await onDone()
  }
  switch (act) {
    case 'pause':
      return (
        <Confirmation
          title={words.pauseTitle(name)}
          lead={words.pauseLead}
          verb={words.pause}
          needsReason
          run={(reason) => finish(hub.modelFeed.pause({ name, reason }))}
          done={words.paused(name)}
          onClose={onClose}
        />
      )
    case 'resume':
      return (
        <Confirmation
          title={words.resumeTitle(name)}
          lead={words.resumeLead}
          verb={words.resume}
          run={() => finish(hub.modelFeed.resume({ name }))}
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
            await hub.modelFeed.remove({ name })
            await navigate({ to: '/model-feeds' })
            await onDone()
          }}
          done={words.removed(name)}
          onClose={onClose}
        />
      )
  }
}
