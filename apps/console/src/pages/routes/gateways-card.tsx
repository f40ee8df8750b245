/** Gateways card: the processes that answer callers of a route. */
import type { RouteGateway } from '@skerry/contract/routes/route'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { routesTexts } from './english-routes.ts'

const words = routesTexts.gateways

export function GatewaysCard({ gateways }: { gateways: readonly RouteGateway[] }) {
  return (
    <Card title={words.title}>
      {gateways.length === 0 && <p className="text-sm text-soft">{words.none}</p>}
      <ul className="flex flex-col divide-y divide-line">
        {gateways.map((gateway) => (
          <Gateway key={gateway.gateway} gateway={gateway} />
        ))}
      </ul>
    </Card>
  )
}

function Gateway({ gateway }: { gateway: RouteGateway }) {
  const { gateway: name, site, url, seenAtMs, isFresh, refusal, unanswered, overloaded, retried } = gateway
  return (
    <li className="flex flex-col gap-0.5 py-2.5 text-sm first:pt-0 last:pb-0">
      <span className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate font-medium">
          {name}
          {site !== undefined && <span className="font-normal text-soft"> {words.at(site)}</span>}
        </span>
        <Badge tone={isFresh ? 'good' : 'idle'} isPlain>
          {isFresh ? words.now : <Instant ms={seenAtMs} />}
        </Badge>
      </span>
      {url !== undefined && <span className="font-mono text-xs wrap-anywhere text-soft">{url}</span>}
      {refusal === undefined ? (
        <span className="tabular text-xs text-soft">{words.counts(unanswered, overloaded, retried)}</span>
      ) : (
        <span className="text-xs text-warn">{refusal}</span>
      )}
    </li>
  )
}
