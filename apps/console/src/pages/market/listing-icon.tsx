/** Listing icon: the picture of a listing, or a plain sign. It is never part of the page's own document. */
import type { ListingIcon as Icon } from '@skerry/contract/market/listing'
import { useQuery } from '@tanstack/react-query'
import { Package } from 'lucide-react'
import { cn } from '../../components/class-names.ts'
import { marketQueries } from './market-queries.ts'

type IconProps = { catalogue: string; icon: Icon | undefined; isLarge?: boolean }

/** Decoration: the title stands beside it. */
export function ListingIcon({ catalogue, icon, isLarge }: IconProps) {
  const size = isLarge ? 'size-14' : 'size-11'
  if (icon) return <Picture catalogue={catalogue} icon={icon} size={size} />
  return <Plain size={size} />
}

function Picture({ catalogue, icon, size }: { catalogue: string; icon: Icon; size: string }) {
  const { data } = useQuery(marketQueries.icon(catalogue, icon))
  if (data === undefined) return <Plain size={size} />
  return <img src={data} alt="" className={cn('shrink-0 rounded-lg object-contain', size)} />
}

const Plain = ({ size }: { size: string }) => (
  <span className={cn('flex shrink-0 items-center justify-center rounded-lg bg-raised text-faint', size)}>
    <Package size={22} aria-hidden />
  </span>
)
