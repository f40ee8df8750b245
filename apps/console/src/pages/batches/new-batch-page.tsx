/** New batch: what is done, on which devices, and when. Nothing happens before it is signed and sent. */
import { problemOf } from '@skerry/client/problem'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Page } from '../../components/card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { SelectorBuilder } from '../deploy/selector-builder.tsx'
import { type BatchDraft, NEW_DRAFT, readDraft } from './batch-draft.ts'
import { BatchPlanCard } from './batch-plan-card.tsx'
import { CommandFields } from './command-fields.tsx'
import { batchesTexts as words } from './english-batches.ts'
import { TimeFields } from './time-fields.tsx'

const back = { to: '/batches', text: words.back } as const

/** The page at /batches/new. */
export function NewBatchPage() {
  const { to } = useSearch({ from: '/inside/batches/new' })
  const [draft, setDraft] = useState<BatchDraft>({ ...NEW_DRAFT, ...(to !== undefined && { selector: to }) })
  const change = (part: Partial<BatchDraft>) => setDraft((before) => ({ ...before, ...part }))
  const { submit, isBusy, error } = useCreate()
  const read = readDraft(draft)
  const blocked = read.ok ? undefined : Object.values(read.problems)[0]
  return (
    <Page
      title={words.form.title}
      back={back}
      actions={
        <GuardedButton
          permission="batch.create"
          look="primary"
          blocked={isBusy ? words.form.submit : blocked}
          onClick={() => read.ok && void submit(read.spec)}
        >
          {words.form.submit}
        </GuardedButton>
      }
      lead={words.form.submitHint}
    >
      {error !== undefined && (
        <p role="alert" className="card px-4 py-3 text-sm wrap-anywhere text-bad">
          {error}
        </p>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(19rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title={words.form.what}>
            <CommandFields draft={draft} change={change} problems={read.problems} />
          </Card>
          <Card title={words.form.where}>
            <SelectorBuilder
              text={draft.selector}
              problem={read.problems.selector}
              onChange={(selector) => change({ selector })}
            />
          </Card>
          <Card title={words.form.how}>
            <TimeFields draft={draft} change={change} problems={read.problems} />
          </Card>
        </div>
        <BatchPlanCard selector={read.problems.selector === undefined ? draft.selector : undefined} />
      </div>
    </Page>
  )
}

type Spec = Parameters<typeof hub.batch.create>[0]

/** Creates it once, and goes to its page. */
function useCreate() {
  const navigate = useNavigate()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async (spec: Spec) => {
    if (isBusy) return
    setBusy(true)
    setError(undefined)
    try {
      const { id } = await hub.batch.create(spec)
      await navigate({ to: '/batches/$batch', params: { batch: id } })
    } catch (failure) {
      const { code, message } = problemOf(failure)
      setError(`${message} (${code})`)
      setBusy(false)
    }
  }
  return { submit, isBusy, error }
}
