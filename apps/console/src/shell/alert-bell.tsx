/** Alert bell: how much needs a person, on every page, and the way to the worst of it. */
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

/** A menu longer than this is a page; the overview is that page. */
const SHOWN_MAX = 6

/** The bell, with a number where there is one. */
export function AlertBell() {
  const { data, refusal } = useAlerts()
  const navigate = useNavigate()
  const { history } = useRouter()
  const count = data ? data.alerts.length + data.omitted : 0
  const label = data ? words.bell(count) : words.bellUnknown
  const isCritical = data?.alerts[0]?.severity === 'critical'
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
      <MenuLabel>{labelOf(data, refusal)}</MenuLabel>
      {data?.alerts.slice(0, SHOWN_MAX).map(({ id, severity, message, link }) => (
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

/** Nothing known is not all quiet. */
function labelOf(data: Alerts | undefined, refusal: string | undefined): string {
  if (!data) return refusal ?? words.bellUnknown
  return data.alerts.length === 0 ? words.quiet : words.title
}
