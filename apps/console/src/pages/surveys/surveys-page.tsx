/** Surveys: statistics over data that stays on devices. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { Card, Page } from '../../components/card.tsx'
import { WithCommands } from '../../components/facts/alert-marks.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { surveysTexts as words } from './english-surveys.ts'
import { SurveyBadge } from './survey-badge.tsx'
import { surveyQueries } from './survey-queries.ts'

/** Renders the page at /surveys. */
export function SurveysPage() {
  const { data, error, refetch } = useQuery(surveyQueries.list())
  return (
    <Page title={words.title} back={{ to: '/campaigns', text: words.campaigns }}>
      {!data && <WaitingCard error={error} retry={refetch} rows={4} />}
      {data?.length === 0 && (
        <Card title={words.empty} aside={<ChartColumn size={16} aria-hidden className="text-faint" />}>
          <p className="text-sm text-soft">
            <WithCommands text={words.emptyHint} />
          </p>
        </Card>
      )}
      {data && data.length > 0 && (
        <Card isFlush>
          <PlainTable
            label={words.title}
            headers={Object.values(words.columns)}
            wideOnly={[words.columns.started]}
            rows={data.map((survey) => ({
              key: survey.id,
              cells: [
                <Link
                  key="name"
                  to="/surveys/$name"
                  params={{ name: survey.spec.name }}
                  className="rounded font-medium hover:text-accent hover:underline"
                >
                  {survey.spec.name}
                </Link>,
                <SurveyBadge key="state" survey={survey} />,
                survey.spec.data.name,
                <span key="started" className="text-soft">
                  <Instant ms={survey.createdAtMs} /> {words.by(survey.createdBy)}
                </span>,
                survey.result ? words.counted(survey.result.rows, survey.result.devices) : '–',
              ],
            }))}
          />
        </Card>
      )}
    </Page>
  )
}
