/** Problem card: shows the problem that keeps an object from its work, and the time at which it began. */
import { Card } from '../card.tsx'
import { Instant } from './instant.tsx'

type ProblemCardProps = { title: string; since: string; problem: { message: string; sinceMs: number } }

export const ProblemCard = ({ title, since, problem: { message, sinceMs } }: ProblemCardProps) => (
  <Card
    title={<span className="text-bad">{title}</span>}
    aside={
      <span className="text-xs text-soft">
        {since} <Instant ms={sinceMs} />
      </span>
    }
  >
    <p role="alert" className="text-sm whitespace-pre-wrap wrap-anywhere">
      {message}
    </p>
  </Card>
)
