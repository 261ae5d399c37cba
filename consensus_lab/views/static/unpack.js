// What the kernel sends, as it was before it was packed.

/** A trace from the bytes of its gzipped JSON (or from the JSON's text, or as it is). */
export async function unpack(packed) {
  if (typeof packed === "string") return JSON.parse(packed);
  if (!(packed instanceof ArrayBuffer || ArrayBuffer.isView(packed))) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
