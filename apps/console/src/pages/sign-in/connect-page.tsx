/** Connect: a person looks at which command line asks for a key, compares the code, and agrees or refuses. */
import { type Problem, problemOf } from '@skerry/client/problem'
import { LoginCode } from '@skerry/contract/api/access/login-procedures'
import type { Membership } from '@skerry/contract/people/user'
import { useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { noteNoSession } from '../../hub/session-hint.ts'
import { Door, DoorForm } from './door.tsx'
import { connectTexts } from './english-connect.ts'
import { Refusal } from './refusal.tsx'
import { useAttempt } from './use-attempt.ts'

const words = connectTexts.connect

type Asked = Awaited<ReturnType<typeof look>>

async function look(code: string, signal: AbortSignal) {
  const [login, { rows }] = await Promise.all([
    hub.account.showLogin({ code }, { signal }),
    hub.account.organisations({}, { signal }),
  ])
  return { ...login, organisations: rows }
}

/** The page at /connect. */
export function ConnectPage() {
  const { code: linked, organisation } = useSearch({ from: '/connect' })
  const [code, setCode] = useState(linked)
  const [done, setDone] = useState<'agreed' | 'refused'>()
  if (done === 'agreed') return <Door title={words.agreed} lead={words.agreedLead} />
  if (done === 'refused') return <Door title={words.refused} lead={words.refusedLead} />
  if (code === undefined) return <CodeForm onCode={setCode} />
  return <Question code={code} wished={organisation} onDone={setDone} />
}

function CodeForm({ onCode }: { onCode: (code: string) => void }) {
  const [text, setText] = useState('')
  const [flaw, setFlaw] = useState<string>()
  const submit = () => {
    const letters = text.toUpperCase().replaceAll(/[^A-Z]/g, '')
    const code = LoginCode.safeParse(`${letters.slice(0, 4)}-${letters.slice(4)}`)
    setFlaw(code.success ? undefined : words.malformed)
    if (code.success) onCode(code.data)
  }
  return (
    <Door title={words.title} lead={words.enter}>
      <DoorForm submit={submit} verb={words.look} blocked={false}>
        <Field label={words.label} error={flaw}>
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              spellCheck={false}
              className={`${INPUT} h-10 font-mono uppercase`}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      </DoorForm>
    </Door>
  )
}

type QuestionProps = { code: string; wished: string | undefined; onDone: (answer: 'agreed' | 'refused') => void }

function Question({ code, wished, onDone }: QuestionProps) {
  const [asked, setAsked] = useState<Asked>()
  const [organisation, setOrganisation] = useState(wished)
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    const stop = new AbortController()
    look(code, stop.signal).then(setAsked, (thrown: unknown) => {
      if (stop.signal.aborted) return
      const met = problemOf(thrown)
      if (met.status === 401) goSignIn()
      else setProblem(met)
    })
    return () => stop.abort()
  }, [code])
  const agree = useAttempt(async () => {
    await hub.account.confirmLogin({ code, ...(organisation !== undefined && { organisation }) })
    onDone('agreed')
  })
  const refuse = useAttempt(async () => {
    await hub.account.refuseLogin({ code })
    onDone('refused')
  })
  if (problem) return <Door title={words.title} lead={<span role="alert">{wordsOf(problem)}</span>} />
  if (!asked) return <Door title={words.title} lead={words.busy} />
  const isStale = agree.problem?.code === 'session_stale'
  return (
    <Door title={words.title} lead={words.lead}>
      <p className="mt-4 text-sm">{words.compare}</p>
      <p className="mt-2 rounded-md bg-raised py-3 text-center font-mono text-2xl tracking-widest">{code}</p>
      <Facts asked={asked} />
      <OrganisationField rows={asked.organisations} chosen={organisation} onChange={setOrganisation} />
      <p className="mt-4 text-sm text-soft">{words.may}</p>
      {isStale ? (
        <SignInAgain />
      ) : (
        <DoorForm submit={() => void agree.go()} verb={agree.isBusy ? words.busy : words.agree} blocked={agree.isBusy}>
          <Refusal attempt={agree} />
        </DoorForm>
      )}
      <button
        type="button"
        onClick={() => void refuse.go()}
        className="mt-3 h-10 w-full rounded-md border border-line px-4 text-sm font-medium hover:bg-raised"
      >
        {words.refuse}
      </button>
    </Door>
  )
}

const wordsOf = ({ code, message }: Problem) => (code === 'account_missing' ? words.people : message)

function Facts({ asked: { device, source, keyExpiresInSeconds } }: { asked: Asked }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.device, device],
    [words.source, source],
    [words.life, words.days(Math.max(1, Math.round(keyExpiresInSeconds / 86_400)))],
  ]
  return (
    <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

type OrganisationProps = {
  rows: readonly Membership[]
  chosen: string | undefined
  onChange: (organisation: string) => void
}

/** Where the key is to count: asked of whoever belongs to several, and of whoever is asked for one where they do not belong. */
function OrganisationField({ rows, chosen, onChange }: OrganisationProps) {
  const isForeign = chosen !== undefined && !rows.some(({ organisation }) => organisation === chosen)
  if (rows.length === 1 && !isForeign) return null
  const value = chosen ?? rows.find(({ isThis }) => isThis)?.organisation
  return (
    <div className="mt-4">
      <Field label={words.organisation} error={isForeign ? words.foreign(chosen) : undefined}>
        {(control) => (
          <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
            {isForeign && <option value={chosen}>{chosen}</option>}
            {rows.map(({ organisation, isDisabled }) => (
              <option key={organisation} value={organisation} disabled={isDisabled}>
                {organisation}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  )
}

/** And back. */
function goSignIn(): void {
  noteNoSession()
  const { pathname, search } = window.location
  window.location.assign(`/sign-in?${new URLSearchParams({ next: `${pathname}${search}` })}`)
}

function SignInAgain() {
  const attempt = useAttempt(async () => {
    await hub.session.end({})
    goSignIn()
  })
  return (
    <DoorForm submit={() => void attempt.go()} verb={words.again} blocked={attempt.isBusy}>
      <p role="status" className="text-sm text-soft">
        {words.stale}
      </p>
      <Refusal attempt={attempt} />
    </DoorForm>
  )
}
