/** Alert bell: the number of alerts on every page, and a link to the worst ones. */
import type { Alerts } from '@skerry/contract/alerts/alert'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { Bell } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { cn } from '../components/class-names.ts'
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../components/dialogs/menu.tsx'
import { SeverityMark, sentenceOf } from '../components/facts/alert-marks.tsx'
import { useAlerts } from '../pages/overview/alert-queries.ts'
import { texts } from '../texts/english.ts'

const words = texts.alerts

/** A longer menu should be a page, and the overview is that page. */
const SHOWN_MAX = 6

/** The bell, with a number if there are alerts. */
export function AlertBell() {
  const { data, refusal } = useAlerts()
  const navigate = useNavigate()
  const { history } = useRouter()
  // An acknowledged or shelved alert is quiet.
  const open = data?.alerts.filter(({ answer }) => answer === undefined) ?? []
  const count = open.length + (data?.omitted ?? 0)
  const label = data ? words.bell(count) : words.bellUnknown
  const isCritical = open[0]?.severity === 'critical'
  return (
    <Menu
      label={words.title}
      trigger={
        <Button look="quiet" aria-label={label} className="relative w-8.5 px-0">
          <Bell size={17} aria-hidden />
          {count > 0 && (
            <span
              aria-hidden
              className={cn(
                'absolute -top-0.5 -right-0.5 min-w-4.5 rounded-full px-1 text-center text-2xs leading-4.5 font-bold text-surface tabular',
                isCritical ? 'bg-bad' : 'bg-warn',
              )}
            >
              {words.many(count)}
            </span>
          )}
        </Button>
      }
    >
      <MenuLabel>{labelOf(data, count, refusal)}</MenuLabel>
      {open.slice(0, SHOWN_MAX).map(({ id, severity, message, link }) => (
        <MenuItem key={id} onSelect={() => history.push(link)}>
          <SeverityMark severity={severity} />
          <span className="w-72 wrap-anywhere">{sentenceOf(message)}</span>
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={() => void navigate({ to: '/' })}>{words.toOverview}</MenuItem>
    </Menu>
  )
}

/** Without data, the label must not report that all is well. */
function labelOf(data: Alerts | undefined, count: number, refusal: string | undefined): string {
  if (!data) return refusal ?? words.bellUnknown
  return count === 0 ? words.quiet : words.title
}
