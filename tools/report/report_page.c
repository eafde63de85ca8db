/* The page, from its head to its foot. Words of others go through html.h, without exception. */
#include "report_page.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "html.h"
#include "output.h"
#include "quality_measures.h"
#include "report_plots.h"
#include "suspects.h"

/* Colours and letters are those of the gallery's own page (web/style.css). */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#f4f4f1;--raised:#fff;--ink:#131315;--soft:#5a5a5e;--rule:#d2d2cc;"
    "--strangers:#77777a;--same:#0b63b0;--bar:#55555a}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#161618;--raised:#202023;--ink:#f1f1ed;--soft:#adada8;"
    "--rule:#37373b;--strangers:#8d8d92;--same:#6db3f5;--bar:#a9a9a4}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:60rem;padding:1.5rem clamp(1rem,3.2vw,2.5rem) 4rem;background:var(--paper);"
    "color:var(--ink);font:1rem/1.5 \"Helvetica Neue\",Helvetica,\"Nimbus Sans\",\"Liberation Sans\",Arial,system-ui,"
    "sans-serif;overflow-wrap:anywhere}\n"
    "h1,h2,h3{line-height:1.15;text-wrap:balance}\n"
    "h1{font-size:clamp(1.6rem,5vw,2.25rem);letter-spacing:-.02em;margin:0 0 .5rem}\n"
    "h2{font-size:1.4rem;letter-spacing:-.01em;margin:3rem 0 .75rem;padding-top:.75rem;border-top:2px solid "
    "var(--ink)}\n"
    "h3{font-size:1rem;margin:1.75rem 0 .5rem}\nh3::first-letter,th::first-letter{text-transform:uppercase}\n"
    "p{max-width:42rem;margin:.5rem 0}\n.soft,figcaption{color:var(--soft);font-size:.875rem}\n"
    "a{color:inherit;text-underline-offset:.15em}\nnav ul{padding:0;list-style:none;display:flex;flex-wrap:wrap;"
    "gap:.25rem 1.25rem}\n"
    "table{border-collapse:collapse;margin:.75rem 0}\n"
    "th,td{text-align:left;font-weight:400;padding:.35rem clamp(.6rem,2vw,1.25rem) .35rem 0;border-bottom:1px solid "
    "var(--rule);vertical-align:top}\n"
    "thead th{color:var(--soft);font-size:.875rem;vertical-align:bottom}\n"
    ".number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\nthead "
    ".number{white-space:normal}\n"
    "caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.25rem}\n"
    ".wide{overflow-x:auto}\n"
    ".photos,.pairs{padding:0;margin:.75rem 0;list-style:none;display:grid;gap:1rem}\n"
    ".photos{grid-template-columns:repeat(auto-fill,minmax(7.5rem,1fr))}\n"
    ".pairs{grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr))}\n"
    ".pairs>li{background:var(--raised);border:1px solid var(--rule);padding:.75rem}\n"
    ".side{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}\n"
    ".pairs p{margin:.5rem 0 0}\n"
    "figure{margin:0}\nfigure img{display:block;width:100%;height:auto;background:#0c0c0d}\n"
    ".photos img{height:7.5rem;object-fit:contain}\n"
    ".name{display:block;color:var(--ink);font-size:1rem;line-height:1.3;margin-top:.35rem}\n"
    ".plots{display:grid;gap:2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}\n"
    "svg{display:block;width:100%;max-width:36rem;height:auto}\nsvg text{fill:var(--soft);font-size:12px}\n"
    ".axis{stroke:var(--soft);fill:none}\n.bar{fill:var(--bar)}\n"
    "svg .strangers{fill:var(--strangers);fill-opacity:.55;stroke:var(--strangers)}\n"
    "svg .same{fill:var(--same);fill-opacity:.35;stroke:var(--same);stroke-width:2}\n"
    ".threshold{stroke:var(--ink);stroke-dasharray:5 4;fill:none}\n"
    ".key{display:inline-block;width:.8em;height:.8em}\nspan.strangers{background:var(--strangers)}\n"
    "span.same{background:var(--same)}\n"
    "@media print{body{max-width:none}.pairs>li,.photos>li,figure{break-inside:avoid}}\n";

/* ---------------------------------------------------------------------------------------------- the beginning */

static void put_head(FILE *out, const build_report *report) {
  fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
        "'unsafe-inline'\">\n<title>Build report: ",
        out);
  html_text(out, report->title ? report->title : "gallery");
  fprintf(out, "</title>\n<style>\n%s</style>\n<main>\n<h1>Build report: ", style);
  html_name(out, report->title ? report->title : "gallery");
  fprintf(out, "</h1>\n<p>%s of %s photos are in the gallery, of %s %s.</p>\n", grouped(report->photos_built),
          grouped(report->photos), grouped(report->people), report->records ? "people" : "faces");
  fputs("<p class=\"soft\">For whoever builds the gallery, not for publishing: it shows photos that were left out. "
        "Everything here is in report.json too, in full.</p>\n",
        out);
}

static bool has_suspects(const build_report *report) {
  return report->shared.found || report->two_names.count || report->one_name.count;
}

static void put_contents(FILE *out, const build_report *report) {
  fputs("<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#photos\">Photos</a></li>\n", out);
  if (report->skip_count) fputs("<li><a href=\"#skipped\">Left out</a></li>\n", out);
  if (has_suspects(report)) fputs("<li><a href=\"#names\">Names to look at</a></li>\n", out);
  if (report->folded.found) fputs("<li><a href=\"#folded\">Same pictures</a></li>\n", out);
  if (report->calibration) fputs("<li><a href=\"#alike\">How alike</a></li>\n", out);
  if (report->faces) fputs("<li><a href=\"#faces\">Faces</a></li>\n", out);
  fputs("</ul></nav>\n", out);
}

static void put_row(FILE *out, const char *words, size_t count) {
  if (count) fprintf(out, "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td></tr>\n", words, grouped(count));
}

static void put_counts(FILE *out, const build_report *report) {
  fputs("<h2 id=\"photos\">Photos</h2>\n<table>\n<thead><tr><th scope=\"col\">What became of them</th>"
        "<th scope=\"col\" class=\"number\">Photos</th></tr></thead>\n<tbody>\n",
        out);
  put_row(out, "in the gallery", report->photos_built);
  put_row(out, "folded: the same picture as a better one of the same person", report->folded.found);
  for (int i = 0; i < SKIP_REASONS; ++i) put_row(out, skip_words((skip_reason)i), report->skipped[i]);
  for (int i = 0; i < EXCLUSIONS; ++i) {
    char *words = new_text_of("never opened: %s", exclusion_words(i));
    put_row(out, words, report->excluded[i]);
    free(words);
  }
  put_row(out, "all", report->photos);
  fputs("</tbody>\n</table>\n", out);
  if (report->without_photo) fprintf(out, "<p>%s records name no photo.</p>\n", grouped(report->without_photo));
  if (report->several_faces)
    fprintf(out, "<p>%s photos hold several faces; the largest was taken.</p>\n", grouped(report->several_faces));
  if (report->incomplete.count)
    fprintf(out,
            "<p>The files of %s photos in the gallery are cut short; nothing of their faces is missing. "
            "report.txt lists them.</p>\n",
            grouped(report->incomplete.count));
  if (!report->note_count) return;
  fputs("<h3>Notes</h3>\n<ul>\n", out);
  for (size_t i = 0; i < report->note_count; ++i) {
    fputs("<li>", out);
    html_text(out, report->notes[i]);
    fputs("</li>\n", out);
  }
  fputs("</ul>\n", out);
}

/* ---------------------------------------------------------------------------------------------- pictures */

static void put_face(FILE *out, const report_face *face) {
  fputs("<figure>", out);
  char *alt = new_text_of("Portrait of %s", *face->person ? face->person : face->photo);
  html_picture(out, face->picture, alt);
  free(alt);
  fputs("<figcaption>", out);
  if (*face->person) {
    fputs("<span class=\"name\">", out);
    html_name(out, face->person);
    fputs("</span>", out);
  }
  html_name(out, face->photo);
  fputs("</figcaption></figure>\n", out);
}

static void put_more(FILE *out, size_t all, size_t shown, const char *file) {
  if (all > shown) fprintf(out, "<p class=\"soft\">… and %s more in %s.</p>\n", grouped(all - shown), file);
}

/* The first `most` pairs, with `say` below each. */
static void put_pairs(FILE *out, const report_pairs *list, size_t most, void (*say)(FILE *, const report_pair *)) {
  const size_t shown = list->count < most ? list->count : most;
  fputs("<ul class=\"pairs\">\n", out);
  for (size_t i = 0; i < shown; ++i) {
    fputs("<li><div class=\"side\">\n", out);
    put_face(out, &list->pairs[i].one);
    put_face(out, &list->pairs[i].other);
    fputs("</div>", out);
    say(out, &list->pairs[i]);
    fputs("</li>\n", out);
  }
  fputs("</ul>\n", out);
}

static void put_reason(FILE *out, const build_report *report, skip_reason reason) {
  if (!report->skipped[reason]) return;
  fprintf(out, "<h3>%s (%s)</h3>\n<ul class=\"photos\">\n", skip_words(reason), grouped(report->skipped[reason]));
  size_t shown = 0;
  for (size_t i = 0; i < report->skip_count && shown < MOST_PICTURES; ++i) {
    const skip *one = &report->skips[i];
    if (one->reason != reason) continue;
    ++shown;
    fputs("<li><figure>", out);
    html_picture(out, one->picture, "The photo that was left out");
    fputs("<figcaption>", out);
    if (*one->person) {
      fputs("<span class=\"name\">", out);
      html_name(out, one->person);
      fputs("</span>", out);
    }
    html_name(out, one->photo);
    if (reason == SKIP_UNREADABLE || reason == SKIP_WRONG_FACE) {
      fputs("<br>", out);
      html_text(out, one->detail);
    }
    fputs("</figcaption></figure></li>\n", out);
  }
  fputs("</ul>\n", out);
  put_more(out, report->skipped[reason], shown, "report.json");
}

static void put_skipped(FILE *out, const build_report *report) {
  if (!report->skip_count) return;
  fputs("<h2 id=\"skipped\">Left out</h2>\n", out);
  for (int i = 0; i < SKIP_REASONS; ++i) put_reason(out, report, (skip_reason)i);
}

/* ---------------------------------------------------------------------------------------------- names */

static void say_similarity(FILE *out, const report_pair *pair) {
  fprintf(out, "<p>similarity %.3f</p>", (double)pair->similarity);
}

static void say_groups(FILE *out, const report_pair *pair) {
  fprintf(out, "<p>similarity %.3f, the highest between two of %zu groups of photos</p>", (double)pair->similarity,
          pair->groups);
}

static void say_nothing(FILE *out, const report_pair *pair) {
  (void)out;
  (void)pair;
}

static void put_two_names(FILE *out, const build_report *report) {
  if (!report->two_names.count) return;
  fprintf(out,
          "<h3>One person under two names? (%s)</h3>\n<p>The most alike photos of each pair of %s at or above the "
          "network's threshold of %.3f, most alike first.%s Resemblance is no proof: people who are not one can be as "
          "alike as that.</p>\n",
          grouped(report->two_names.found), report->records ? "people" : "faces from different photos or places",
          (double)report->threshold,
          report->records ? "" : " Without a roster, these are often one person in two photos.");
  put_pairs(out, &report->two_names, MOST_SUSPECTS, say_similarity);
  if (report->two_names.found > report->two_names.count)
    fprintf(out, "<p class=\"soft\">… and %s more pairs, which are less alike.</p>\n",
            grouped(report->two_names.found - report->two_names.count));
  fprintf(out, "<p class=\"soft\">Looked for from %s of %s photos.</p>\n", grouped(report->probes),
          grouped(report->faces));
}

static void put_one_name(FILE *out, const build_report *report) {
  if (!report->one_name.count) return;
  fprintf(
      out,
      "<h3>Two people under one name? (%s)</h3>\n<p>The photos of these people fall into groups that are less alike "
      "than the network's threshold of %.3f, least alike first. A blurred photo, or one from the side, can be the "
      "reason.</p>\n",
      grouped(report->one_name.found), (double)report->threshold);
  put_pairs(out, &report->one_name, MOST_SUSPECTS, say_groups);
  if (report->one_name.found > report->one_name.count)
    fprintf(out, "<p class=\"soft\">… and %s more people, whose groups are more alike.</p>\n",
            grouped(report->one_name.found - report->one_name.count));
}

static void put_names(FILE *out, const build_report *report) {
  if (!has_suspects(report)) return;
  fputs("<h2 id=\"names\">Names to look at</h2>\n<p>Nothing was changed because of what is listed here; a person "
        "decides.</p>\n",
        out);
  if (report->shared.found) {
    fprintf(out, "<h3>The same file under two people (%s)</h3>\n", grouped(report->shared.found));
    put_pairs(out, &report->shared, MOST_PICTURES, say_nothing);
    put_more(out, report->shared.found, MOST_PICTURES, "report.json");
  }
  put_two_names(out, report);
  put_one_name(out, report);
}

static void say_kind(FILE *out, const report_pair *pair) {
  fprintf(out, "<p>%s</p>", pair->same_file ? "the same file" : "the same picture, saved again");
}

static void put_folded(FILE *out, const build_report *report) {
  if (!report->folded.found) return;
  fprintf(out,
          "<h2 id=\"folded\">Same pictures</h2>\n<p>%s photos show the same picture as another one of the same person. "
          "The larger and sharper of the two, here on the left, is in the gallery.</p>\n",
          grouped(report->folded.found));
  put_pairs(out, &report->folded, MOST_PICTURES, say_kind);
  put_more(out, report->folded.found, MOST_PICTURES, "report.json");
}

/* ---------------------------------------------------------------------------------------------- numbers */

static void put_false_matches(FILE *out, const dpl_calibration *calibration) {
  if (!calibration->false_match_count) {
    fputs("<p>There are too few pairs to say how often different people are how alike.</p>\n", out);
    return;
  }
  const bool genuine = calibration->genuine_pairs > 0;
  fprintf(out,
          "<div class=\"wide\"><table>\n<caption>How often different people of this gallery are as alike as "
          "that</caption>\n<thead><tr><th scope=\"col\" class=\"number\">At most</th><th scope=\"col\" "
          "class=\"number\">from similarity</th><th scope=\"col\" class=\"number\">pairs of different people</th>%s"
          "</tr></thead>\n<tbody>\n",
          genuine ? "<th scope=\"col\" class=\"number\">pairs of one person</th>" : "");
  for (size_t i = 0; i < calibration->false_match_count; ++i) {
    const dpl_false_match *row = &calibration->false_matches[i];
    fprintf(out,
            "<tr><th scope=\"row\" class=\"number\">1 in %s</th><td class=\"number\">%.3f</td><td class=\"number\">%s "
            "of %s</td>",
            grouped((uint64_t)(1 / row->rate + 0.5)), (double)row->similarity, grouped(row->pairs),
            grouped(calibration->impostor_pairs));
    if (genuine) fprintf(out, "<td class=\"number\">%.1f %%</td>", (double)row->genuine * 100);
    fputs("</tr>\n", out);
  }
  fprintf(
      out,
      "</tbody>\n</table></div>\n<p class=\"soft\">Rates that fewer than %d pairs would carry are left out. %s</p>\n",
      DPL_FALSE_MATCHES_NEEDED,
      calibration->impostor_pairs < calibration->impostor_all ? "The pairs are a sample." : "All pairs were counted.");
}

static void put_alike(FILE *out, const build_report *report) {
  if (!report->calibration) return;
  fputs("<h2 id=\"alike\">How alike</h2>\n", out);
  if (!report->calibration->impostor_pairs) {
    fputs("<p>There is one person only, and nobody to compare with.</p>\n", out);
    return;
  }
  plot_scores(out, report->calibration, report->threshold);
  put_false_matches(out, report->calibration);
}

static void put_faces(FILE *out, const build_report *report) {
  if (!report->faces) return;
  fprintf(out,
          "<h2 id=\"faces\">Faces</h2>\n<p>What was measured of %s faces. Yaw and pitch are rough.</p>\n"
          "<div class=\"plots\">\n",
          grouped(report->faces));
  float *numbers = new_array(report->faces, sizeof *numbers);
  for (int i = 0; i < QUALITY_MEASURES; ++i) {
    const quality_measure_words *words = &quality_measures[i];
    for (size_t k = 0; k < report->faces; ++k) numbers[k] = quality_measure(&report->qualities[k], i);
    plot_numbers(out, words->key, words->title, words->axis, numbers, report->faces, words->low, words->high);
  }
  free(numbers);
  fputs("</div>\n", out);
}

/* ---------------------------------------------------------------------------------------------- all of it */

bool report_page_write(const build_report *report, const char *folder, sentence *why) {
  char *text = NULL, *path = path_joined(folder, "report.html");
  size_t size = 0;
  FILE *out = text_stream_begin(&text, &size);
  put_head(out, report);
  put_contents(out, report);
  put_counts(out, report);
  put_skipped(out, report);
  put_names(out, report);
  put_folded(out, report);
  put_alike(out, report);
  put_faces(out, report);
  fputs("</main>\n</html>\n", out);
  text_stream_end(out);
  const bool fine = file_write(path, text, size, why);
  free(text);
  free(path);
  return fine;
}
