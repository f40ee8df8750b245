/** Install permissions: each with its purpose, to be accepted one by one. */
import type { PermissionDiff } from '@skerry/contract/market/installation'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { marketTexts } from './english-market.ts'

const words = marketTexts.install

type PermissionsProps = {
  permissions: PermissionDiff
  accepted: readonly string[]
  onChange: (accepted: readonly string[]) => void
}

export function InstallPermissions({ permissions, accepted, onChange }: PermissionsProps) {
  const unaccepted = new Set(permissions.unaccepted.map(permissionKey))
  const toggle = (key: string) =>
    onChange(accepted.includes(key) ? accepted.filter((each) => each !== key) : [...accepted, key])
  return (
    <Card title={words.permissions} isFlush>
      {permissions.asked.length === 0 && <p className="p-4 text-sm text-soft">{marketTexts.listing.noPermissions}</p>}
      <ul className="divide-y divide-line">
        {permissions.asked.map((permission) => {
          const key = permissionKey(permission)
          const isOpen = unaccepted.has(key)
          return (
            <li key={key}>
              <label className="flex cursor-pointer items-start gap-3 px-4 py-3 hover:bg-raised">
                <input
                  type="checkbox"
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                  aria-label={words.accept(key)}
                  checked={!isOpen || accepted.includes(key)}
                  disabled={!isOpen}
                  onChange={() => toggle(key)}
                />
                <span className="min-w-0 text-sm">
                  <span className="flex flex-wrap items-baseline gap-x-2">
                    <span className="font-medium">{marketTexts.listing.access[permission.access]}</span>
                    <code className="font-mono text-xs wrap-anywhere">{permission.target}</code>
                    {!isOpen && <span className="text-xs text-soft">{words.accepted}</span>}
                    {isOpen && permissions.asked.length > unaccepted.size && <Badge tone="warn">{words.isNew}</Badge>}
                  </span>
                  <span className="mt-0.5 block text-xs text-soft">{permission.purpose}</span>
                </span>
              </label>
            </li>
          )
        })}
      </ul>
      {permissions.dropped.length > 0 && (
        <p className="border-t border-line px-4 py-3 text-xs text-soft">
          {words.dropped(permissions.dropped.join(', '))}
        </p>
      )}
    </Card>
  )
}
