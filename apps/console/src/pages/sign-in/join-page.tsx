/** Join: the link of an invitation makes an account. The first owner of a hub comes this way too, with the link that the hub printed. */
import { Email } from '@skerry/contract/people/user'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Field, INPUT } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { CodeStep } from './code-step.tsx'
import { Door, DoorForm } from './door.tsx'
import { doorTexts } from './english-door.ts'
import { EmailField, PasswordField } from './person-fields.tsx'
import { Refusal } from './refusal.tsx'
import { passwordFlaw } from './reset/new-password.ts'
import { SignInNotice } from './sign-in-notice.tsx'
import { useProof } from './use-attempt.ts'
import { useEnter } from './use-enter.ts'
import { useLinkedSecret } from './use-linked-secret.ts'

const words = doorTexts.join

type NewPerson = { email: string; name: string; password: string }
type Flaws = Partial<Record<keyof NewPerson, string | undefined>>

/** The page at /join. */
export function JoinPage() {
  const invitation = useLinkedSecret('invitation')
  const [person, setPerson] = useState<NewPerson>({ email: '', name: '', password: '' })
  const [needsCode, setNeedsCode] = useState(false)
  const enter = useEnter('/')
  if (invitation === undefined) return null
  if (invitation === null)
    return (
      <Door title={words.noLink} lead={words.noLinkLead}>
        <ToSignIn text={words.toSignIn} />
      </Door>
    )
  const join = async (code?: string) => {
    const { email, name, password } = person
    const typed = { invitation, email: email.trim(), name: name.trim(), password }
    await enter(await hub.account.join({ ...typed, ...(code !== undefined && { code }) }))
  }
  if (needsCode)
    return (
      <Door title={doorTexts.signIn.code.title} lead={doorTexts.signIn.code.lead}>
        <CodeStep run={join} onBack={() => setNeedsCode(false)} />
      </Door>
    )
  return (
    <Door title={words.title} lead={words.lead}>
      <SignInNotice />
      <NewPersonForm person={person} onChange={setPerson} run={join} onCode={() => setNeedsCode(true)} />
    </Door>
  )
}

type NewPersonProps = {
  person: NewPerson
  onChange: (person: NewPerson) => void
  run: () => Promise<void>
  onCode: () => void
}

function NewPersonForm({ person, onChange, run, onCode }: NewPersonProps) {
  const [flaws, setFlaws] = useState<Flaws>({})
  const attempt = useProof(run, onCode)
  const set = (change: Partial<NewPerson>) => onChange({ ...person, ...change })
  const submit = () => {
    const found = flawsOf(person)
    setFlaws(found)
    if (Object.values(found).every((flaw) => flaw === undefined)) void attempt.go()
  }
  return (
    <DoorForm
      submit={submit}
      verb={attempt.isBusy ? words.busy : words.submit}
      blocked={attempt.isBusy || attempt.waitSeconds > 0}
    >
      <EmailField value={person.email} onChange={(email) => set({ email })} error={flaws.email} />
      <Field label={words.name} hint={words.nameHint} error={flaws.name}>
        {(control) => (
          <input
            {...control}
            autoComplete="name"
            maxLength={63}
            className={`${INPUT} h-10`}
            value={person.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <PasswordField
        label={words.password}
        hint={doorTexts.newPassword.hint}
        isNew
        value={person.password}
        onChange={(password) => set({ password })}
        error={flaws.password}
      />
      <Refusal attempt={attempt} named={{ sign_in_refused: words.refused }} />
    </DoorForm>
  )
}

const flawsOf = ({ email, name, password }: NewPerson): Flaws => ({
  email: Email.safeParse(email.trim()).success ? undefined : doorTexts.signIn.notAnAddress,
  name: name.trim() === '' ? words.nameMissing : undefined,
  password: passwordFlaw(password, { email, name }),
})

/** Where people go who came without what the page needs. */
export const ToSignIn = ({ text }: { text: string }) => (
  <Link
    to="/sign-in"
    className="mt-5 inline-flex h-10 w-full items-center justify-center rounded-md bg-accent px-4 text-sm font-medium text-on-accent hover:bg-accent-strong"
  >
    {text}
  </Link>
)
