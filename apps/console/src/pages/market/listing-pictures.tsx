/** Listing pictures: the pictures of a publisher, each with its text. */
import type { ListingPicture } from '@skerry/contract/market/listing'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { marketQueries } from './market-queries.ts'

type PicturesProps = { catalogue: string; pictures: readonly ListingPicture[] | undefined }

/** Nothing for a listing without pictures. */
export function ListingPictures({ catalogue, pictures = [] }: PicturesProps) {
  if (pictures.length === 0) return null
  return (
    <Card>
      <ul className="grid gap-4 sm:grid-cols-2">
        {pictures.map((picture) => (
          <Picture key={picture.digest} catalogue={catalogue} picture={picture} />
        ))}
      </ul>
    </Card>
  )
}

function Picture({ catalogue, picture: { digest, text } }: { catalogue: string; picture: ListingPicture }) {
  const { data } = useQuery(marketQueries.picture(catalogue, digest))
  return (
    <li>
      <figure>
        {data !== undefined && <img src={data} alt="" className="max-h-80 rounded-md border border-line" />}
        <figcaption className="mt-1.5 text-xs text-soft">{text}</figcaption>
      </figure>
    </li>
  )
}
