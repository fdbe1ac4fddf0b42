# docker build -t constella .                               for machines without a GPU
# docker build -t constella --build-arg TORCH=cuda .        with CUDA
FROM python:3.11-slim
ARG TORCH=cpu
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 CONSTELLA_HOME=/store
RUN useradd --create-home --uid 1000 constella && mkdir /store && chown constella /store
WORKDIR /app
COPY requirements.txt .
# The plain index serves the CUDA build; PyTorch's own index serves the small CPU build of the same version.
RUN if [ "$TORCH" = cpu ]; then pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu; fi \
    && pip install -r requirements.txt
COPY --chown=constella . .
USER constella
VOLUME /store
EXPOSE 8501
HEALTHCHECK --start-period=30s CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"
CMD ["python", "-m", "streamlit", "run", "server.py", "--server.address", "0.0.0.0"]
