/** Forms card: the builds that devices of a deployment serve by their last reports, and whether newer ones are better. */
import type { ServedForm } from '@skerry/contract/builds/named-build'
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { deploymentsTexts as words } from './english-deployments.ts'

type FormsProps = { deployment: Deployment; forms: readonly ServedForm[] }

export const FormsCard = ({ deployment: { name, spec, isOutdated }, forms }: FormsProps) => (
  <Card title={words.forms} isFlush>
    {isOutdated && (
      <p role="status" className="border-b border-line px-4 py-2.5 text-sm">
        {words.outdated}{' '}
        <Link
          to="/deploy"
          search={{ from: name, step: 'review' }}
          className="rounded font-medium text-accent underline underline-offset-4"
        >
          {words.applyAgain}
        </Link>
      </p>
    )}
    <ul className="divide-y divide-line">
      {forms.map(({ version, build, recipe, devices }) => (
        <li key={`${version} ${build ?? ''}`} className="flex items-center justify-between gap-3 px-4 py-2.5 text-sm">
          <span className="min-w-0">
            <Link
              to="/models/$model/versions/$version/builds"
              params={{ model: spec.deployable, version: String(version) }}
              search={build === undefined ? {} : { build }}
              className="rounded font-medium hover:text-accent hover:underline"
            >
              {words.form(version, recipe)}
            </Link>
          </span>
          <span className="text-soft tabular">{words.devicesText(devices)}</span>
        </li>
      ))}
    </ul>
  </Card>
)
