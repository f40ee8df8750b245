/** Person fields: what people type to be known, in forms that password managers understand. */
import { Eye, EyeOff } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { cn } from '../../components/class-names.ts'
import { Field, INPUT } from '../../components/fields.tsx'
import { doorTexts } from './english-door.ts'

const words = doorTexts.signIn

type TypedProps = { value: string; onChange: (value: string) => void; error?: string | undefined }

/** Whose account it is. */
export const EmailField = ({ value, onChange, error }: TypedProps) => (
  <Field label={words.email} error={error}>
    {(control) => (
      <input
        {...control}
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        className={`${INPUT} h-10`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)

type PasswordProps = TypedProps & { label: string; hint?: ReactNode; isNew?: boolean; isSmall?: boolean }

/** A password, which can be looked at while it is typed. */
export function PasswordField({ label, hint, error, value, onChange, isNew, isSmall }: PasswordProps) {
  const [isShown, setShown] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <div className="relative">
          <input
            {...control}
            type={isShown ? 'text' : 'password'}
            autoComplete={isNew ? 'new-password' : 'current-password'}
            spellCheck={false}
            maxLength={128}
            className={cn(INPUT, 'pr-10', !isSmall && 'h-10')}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <button
            type="button"
            aria-label={isShown ? words.hide : words.show}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
            className="absolute top-1/2 right-1.5 -translate-y-1/2 rounded p-1.5 text-faint hover:text-text"
          >
            <Icon size={16} aria-hidden />
          </button>
        </div>
      )}
    </Field>
  )
}

/** Six digits or a recovery code. Nothing else is left to be filled in, so the cursor stands there. */
export function CodeField({ value, onChange, error, hint }: TypedProps & { hint: string }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <Field label={words.code.label} hint={hint} error={error}>
      {(control) => (
        <input
          {...control}
          ref={input}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={16}
          className={`${INPUT} h-10 font-mono tracking-widest`}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
