/** Site: its properties and place, its devices, its active rollouts, and its latest changes. */
import type { Site } from '@skerry/contract/sites/site'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Card, Facts, LabelTags, Page } from '../../components/card.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { texts } from '../../texts/english.ts'
import { RecentAudit } from '../overview/recent-audit.tsx'
import { PairCards } from '../pairs/pair-card.tsx'
import { sitePageTexts } from './english-site.ts'
import { SiteActions } from './site-actions.tsx'
import { countryName } from './site-branches.ts'
import { SiteDevices } from './site-devices.tsx'
import { siteQueries } from './site-queries.ts'
import { SiteRollouts } from './site-rollouts.tsx'
import { SpotMap } from './spot-map.tsx'

const words = sitePageTexts.site
const back = { to: '/sites', text: words.back } as const

/** Renders the page at /sites/NAME. */
export function SitePage() {
  const { site: name } = useParams({ from: '/inside/sites/$site' })
  const { data, error, refetch } = useQuery(siteQueries.site(name))
  if (data) return <SiteView site={data} />
  return (
    <Page title={name} back={back}>
      <WaitingCard error={error} retry={refetch} />
    </Page>
  )
}

function SiteView({ site }: { site: Site }) {
  return (
    <Page
      title={site.name}
      back={back}
      lead={
        <>
          <span>
            {[texts.sites.kinds[site.kind], site.region, site.country && countryName(site.country)]
              .filter(Boolean)
              .join(' · ')}
          </span>
          <span aria-hidden>·</span>
          <Copyable value={site.id} what={words.id} />
        </>
      }
      actions={<SiteActions site={site} />}
    >
      <div className="grid gap-4 lg:grid-cols-3">
        <Place site={site} />
        <FactsCard site={site} />
        <SiteRollouts site={site.name} />
      </div>
      <PairCards site={site.name} />
      <SiteDevices site={site} />
      <RecentAudit object={site.name} kind="site" title={words.audit} />
    </Page>
  )
}

function Place({ site: { coordinates, country } }: { site: Site }) {
  if (coordinates === undefined && country === undefined)
    return (
      <Card title={words.where}>
        <p className="text-sm text-soft">{words.nowhere}</p>
      </Card>
    )
  return (
    <Card title={words.where}>
      <SpotMap spot={coordinates} country={country} />
      {coordinates === undefined && <p className="mt-2 text-xs text-soft">{words.whereCountry}</p>}
    </Card>
  )
}

function FactsCard({ site }: { site: Site }) {
  const { kind, country, region, coordinates, clearance, labels, revision, createdAtMs } = site
  const { fields } = words
  const none = <span className="text-faint">{texts.common.none}</span>
  return (
    <Card title={words.facts}>
      <Facts
        rows={[
          [fields.kind, texts.sites.kinds[kind]],
          [fields.country, country === undefined ? none : `${countryName(country)} (${country})`],
          [fields.region, region ?? none],
          [
            fields.coordinates,
            coordinates === undefined ? (
              none
            ) : (
              <Copyable
                key="coordinates"
                value={`${coordinates.latitude}, ${coordinates.longitude}`}
                what={fields.coordinates}
              />
            ),
          ],
          [fields.clearance, words.clearances[clearance]],
          [fields.labels, Object.keys(labels).length === 0 ? none : <LabelTags key="labels" labels={labels} />],
          [fields.revision, texts.common.number(revision)],
          [fields.created, <Instant key="created" ms={createdAtMs} isAbsolute />],
        ]}
      />
    </Card>
  )
}
