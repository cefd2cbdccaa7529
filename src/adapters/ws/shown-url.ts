/** A url as people may see it: without user, password and the values of its query, which may be a secret. */
export function shownUrl(url: URL): string {
  const { protocol, host, pathname, search } = url;
  return `${protocol}//${host}${pathname}${search && '?…'}`;
}
