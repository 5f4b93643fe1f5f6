# Both doors in one small image. Keys, database and settings live in the volume; the private release key should not.
FROM python:3.11-slim-bookworm
WORKDIR /srv/heard
COPY requirements.txt requirements-build.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY feedback feedback
COPY surveys surveys
COPY analysis analysis
COPY locales locales
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
 && useradd --system --uid 10001 heard \
 && install -d -o heard -m 700 /var/lib/heard
USER heard
ENV FEEDBACK_HOME=/var/lib/heard
VOLUME /var/lib/heard
EXPOSE 8001 8002
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8001/healthz')"]
# A reverse proxy in the same network namespace terminates TLS and must keep no access log for the survey door.
CMD ["feedback", "serve"]
