/** Deploy button: leads to the wizard from several pages. Keys that may not deploy see it disabled, with the reason. */
import { useNavigate } from '@tanstack/react-router'
import { Rocket } from 'lucide-react'
import { texts } from '../../texts/english.ts'
import { GuardedButton } from '../button.tsx'

type DeployButtonProps = {
  /** The start of the wizard: a model, its version and a build, or a deployment, perhaps at an older revision. */
  search?: { model?: string; version?: string; build?: string; from?: string; at?: string }
  look?: 'primary' | 'plain'
  isSmall?: boolean
  /** Replaces the usual word of the button. */
  text?: string
  label?: string
}

export function DeployButton({ search = {}, look = 'primary', isSmall, text, label }: DeployButtonProps) {
  const navigate = useNavigate()
  return (
    <GuardedButton
      permission="deployment.write"
      look={look}
      {...(isSmall && { isSmall })}
      {...(label !== undefined && { 'aria-label': label })}
      onClick={() => void navigate({ to: '/deploy', search })}
    >
      {text === undefined && <Rocket size={15} aria-hidden />}
      {text ?? texts.shell.deploy}
    </GuardedButton>
  )
}
