/** Buttons. One that may not be used stays in reach of keyboard and pointer, so that it can say why. */
import type { Permission } from '@skerry/contract/people/permissions'
import type { ComponentProps, ReactNode } from 'react'
import { useMissing } from '../hub/permission.ts'
import { cn } from './class-names.ts'
import { Tooltip } from './dialogs/tooltip.tsx'

const LOOKS = {
  primary: 'bg-accent text-on-accent border-transparent hover:bg-accent-strong',
  plain: 'bg-surface text-text border-line-strong hover:bg-raised',
  quiet: 'bg-transparent text-soft border-transparent hover:bg-raised hover:text-text',
  danger: 'bg-surface text-bad border-line-strong hover:border-bad',
} as const

type ButtonProps = Omit<ComponentProps<'button'>, 'disabled'> & {
  look?: keyof typeof LOOKS
  /** Why it may not be used now; absent where it may. */
  blocked?: string | undefined
  isSmall?: boolean
}

/** A button. */
export function Button({ look = 'plain', blocked, isSmall, className, onClick, children, ...rest }: ButtonProps) {
  const button = (
    <button
      type="button"
      {...rest}
      aria-disabled={blocked !== undefined}
      onClick={blocked === undefined ? onClick : (event) => event.preventDefault()}
      className={cn(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors',
        isSmall ? 'h-7 px-2 text-xs' : 'h-8.5 px-3 text-sm',
        LOOKS[look],
        blocked !== undefined &&
          'cursor-not-allowed border-line bg-raised text-faint hover:border-line hover:bg-raised hover:text-faint',
        className,
      )}
    >
      {children}
    </button>
  )
  return blocked === undefined ? button : <Tooltip text={blocked}>{button}</Tooltip>
}

/** A button that needs a permission, and names it where the key lacks it. */
export function GuardedButton({ permission, blocked, ...rest }: ButtonProps & { permission: Permission }) {
  const missing = useMissing(permission)
  return <Button {...rest} blocked={missing ?? blocked} />
}

/** A square one with an icon; `label` is its name. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: ButtonProps & { label: string; children: ReactNode }) {
  return (
    <Tooltip text={label}>
      <Button look="quiet" aria-label={label} className={cn('w-8.5 px-0', rest.isSmall && 'w-7', className)} {...rest}>
        {children}
      </Button>
    </Tooltip>
  )
}
